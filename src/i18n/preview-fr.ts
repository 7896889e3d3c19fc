/** What the tab of a program's web page says, loaded with it. In French; preview-en.ts has the same keys. */

export const previewFr = {
	tab: 'Page web',
	port: 'Port',
	show: 'Afficher',
	reload: 'Recharger la page',
	newTab: 'Ouvrir dans un onglet du navigateur',
	close: 'Fermer la page web',
	title: 'Page web du port {port} de l’établi',
	opened: 'La page du port {port} est dans l’onglet « Page web ».',
	which:
		'Quel port ? Celui où votre programme écoute, de 1 à 65535. Une adresse http://localhost:PORT dans le terminal s’ouvre aussi d’un clic.',
};

export type PreviewStrings = Record<keyof typeof previewFr, string>;
