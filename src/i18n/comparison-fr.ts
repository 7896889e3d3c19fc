/** La page des runtimes comparés, en français. */
export const comparisonFr = {
	title: 'Les runtimes de conteneurs côte à côte',
	link: 'Comparaison des runtimes',
	intro:
		'Les mêmes étapes et les mêmes essais, sur chaque runtime et moteur de conteneurs de la machine de ce site, en une seule fois. Rien ici ne vient d’ailleurs : ce qui n’a pas pu être lancé dit pourquoi.',
	none: 'Rien n’a encore été comparé sur cette machine. Qui s’occupe de ce site tape : ./etabli compare, puis ./etabli up.',
	machine: 'La machine et le passage',
	when: 'Date',
	command: 'Commande',
	hardware: 'Machine',
	system: 'Système',
	files: 'Fichiers de tous les conteneurs',
	load: 'Charge avant et après',
	busy: 'D’autres travaillaient sur la machine : lire les rapports, pas les chiffres.',
	quick: 'Un passage rapide : il montre que tout peut être mesuré, ses chiffres viennent de trop peu d’essais pour être cités.',
	asRoot: 'en tant que root',
	asUser: 'en tant qu’utilisateur ordinaire',
	reading:
		'Une barre est longue comme le chiffre ; moins vaut mieux partout. Suivent le plus petit et le plus grand essai, puis combien de fois la référence, du même passage : « unshare » est un simple processus dans des espaces de noms neufs.',
	runtime: 'Runtime',
	figure: 'Chiffre',
	spread: 'Étendue (essais)',
	timesReference: '× unshare',
	timesDocker: '× Docker',
	how: 'Comment c’est mesuré',
	said: 'Ce qu’ont dit les programmes',
	probe: 'Essayé de l’intérieur',
	who: 'Ce qui est comparé',
	version: 'Version',
	package: 'Paquet Debian',
	started: 'Comment il est lancé',
	notRun: 'Pas lancé ici',
	securityHint:
		'Chaque conteneur comme l’outil le donne de lui-même. « Empêché » dit par quoi, autant que cela se voit de l’extérieur du noyau.',
	scrollable: 'Tableau : {title} ; il défile sur le côté',
	noneRun: 'n’a pu être relevé pour aucun',
};

export type ComparisonStrings = Record<keyof typeof comparisonFr, string>;
