/** Recordings of terminals in lessons, in French. */
export const castFr = {
	play: 'Jouer l’enregistrement',
	shown: 'Ce qu’il montre à la fin',
	controls: 'Lecture de l’enregistrement',
	resume: 'Lecture',
	pause: 'Pause',
	position: 'Position',
	close: 'Revenir au texte',
	failed: 'L’enregistrement ne se joue pas ici : voyez la connexion, et réessayez. Ce qu’il montre à la fin est écrit ci-dessous.',
};

export type CastStrings = typeof castFr;
