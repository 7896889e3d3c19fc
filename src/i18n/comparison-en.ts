/** The page of compared runtimes, in English. */
import type { ComparisonStrings } from './comparison-fr.ts';

export const comparisonEn: ComparisonStrings = {
	title: 'Container runtimes side by side',
	link: 'Comparison of runtimes',
	intro:
		'The same steps and the same probes, on every container runtime and engine that the machine of this site has, in one run. Nothing here comes from elsewhere: what could not be run says why.',
	none: 'Nothing has been compared on this machine yet. Whoever runs this site types: ./etabli compare, then ./etabli up.',
	machine: 'The machine and the run',
	when: 'Date',
	command: 'Command',
	hardware: 'Machine',
	system: 'System',
	files: 'Files in all containers',
	load: 'Load before and after',
	busy: 'Others were at work on the machine: read the ratios, not the figures.',
	quick: 'A quick run: it shows that everything can be measured, its figures are of too few samples to be quoted.',
	asRoot: 'as root',
	asUser: 'as an ordinary user',
	reading:
		'A bar is as long as the figure; less is better everywhere. After it stand the least and the greatest sample, then how many times the reference it is, in this same run: “unshare” is a plain process in fresh namespaces.',
	runtime: 'Runtime',
	figure: 'Figure',
	spread: 'Spread (samples)',
	timesReference: '× unshare',
	timesDocker: '× Docker',
	how: 'How it was measured',
	said: 'In the programs’ own words',
	probe: 'Tried from inside',
	who: 'What was compared',
	version: 'Version',
	package: 'Debian package',
	started: 'How it was started',
	notRun: 'Not run here',
	securityHint:
		'Each container as the tool gives it by itself. “Stopped” says by what, as far as that can be told from outside the kernel.',
	scrollable: 'Table: {title}; it can be scrolled sideways',
	noneRun: 'could not be taken of any of them',
};
