import type { PreviewStrings } from './preview-fr.ts';

export const previewEn: PreviewStrings = {
	tab: 'Web page',
	port: 'Port',
	show: 'Show',
	reload: 'Reload the page',
	newTab: 'Open in a tab of the browser',
	close: 'Close the web page',
	title: 'Web page of port {port} of the workbench',
	opened: 'The page of port {port} is in the tab “Web page”.',
	which:
		'Which port? The one on which your program listens, from 1 to 65535. An address http://localhost:PORT in the terminal opens by a click, too.',
};
