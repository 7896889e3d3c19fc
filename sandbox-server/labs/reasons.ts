/** Why a sandbox is not there, in words for its learner. */

import type { Text } from '../../src/shared/language.ts';
import { type RefusalCode, refusals } from '../../src/shared/protocol/refusals.ts';

const minutes = (seconds: number) => Math.round(seconds / 60);

export const reasons = {
	idle: (seconds: number): Text => ({
		fr: `Votre établi a été rangé après ${minutes(seconds)} min sans visite. Démarrez-en un autre : votre progression est gardée.`,
		en: `Your workbench was put away after ${minutes(seconds)} min without a visit. Start another one: your progress is kept.`,
	}),
	unattended: (seconds: number): Text => ({
		fr: `Votre établi a été rangé : la page était ouverte, mais personne n’y a rien fait pendant ${minutes(seconds)} min. Démarrez-en un autre : votre progression est gardée.`,
		en: `Your workbench was put away: the page was open, but nobody did anything there for ${minutes(seconds)} min. Start another one: your progress is kept.`,
	}),
	lifetime: (seconds: number): Text => ({
		fr: `Votre établi a été rangé au bout de ${minutes(seconds)} min, sa durée la plus longue. Démarrez-en un autre : votre progression est gardée.`,
		en: `Your workbench was put away after ${minutes(seconds)} min, the longest that it may last. Start another one: your progress is kept.`,
	}),
	/** Before the end, in the terminal; `{minutes}` is filled in there. @param more by how many seconds it can be put off; 0: it cannot */
	endsSoon: (more: number): Text => ({
		fr: `[Établi] Cet établi sera rangé dans {minutes} min. ${more > 0 ? `Pour le garder : bouton « Garder ${minutes(more)} min de plus », au-dessus du terminal. ` : ''}Vos fichiers sont gardés ; enregistrez ceux qui sont ouverts.`,
		en: `[Établi] This workbench will be put away in {minutes} min. ${more > 0 ? `To keep it: the button "Keep it ${minutes(more)} min longer", above the terminal. ` : ''}Your files are kept; save those that are open.`,
	}),
	lost: (): Text => ({
		fr: 'L’établi s’est arrêté de lui-même ou a été arrêté de l’extérieur. Démarrez-en un autre : votre progression est gardée.',
		en: 'The workbench ended by itself or was ended from outside. Start another one: your progress is kept.',
	}),
	lostWhileAway: (): Text => ({
		fr: 'L’établi s’est arrêté pendant une interruption du serveur. Démarrez-en un autre : votre progression est gardée.',
		en: 'The workbench ended while the server was down. Start another one: your progress is kept.',
	}),
	failed: (code: RefusalCode): Text => refusals[code].text,
	queueFull: (): Text => refusals['queue-full'].text,
	gaveWay: (): Text => ({
		fr: 'La file d’attente est pleine, et votre adresse réseau y avait le plus de places : la vôtre a été rendue. Réessayez dans quelques minutes.',
		en: 'The queue is full, and your network address had most of its places: yours has been given up. Try again in a few minutes.',
	}),
	readingMode: (): Text => ({
		fr: 'Ce serveur est en mode lecture : il n’a pas de moteur de conteneurs, donc pas d’établi. Lisez la leçon, ou prévenez qui s’occupe du serveur : ./etabli doctor dit ce qui manque.',
		en: 'This server is in reading mode: it has no container engine, hence no workbench. Read the lesson, or tell whoever runs the server: ./etabli doctor says what is missing.',
	}),
	left: (): Text => ({
		fr: 'Votre page était fermée : votre place dans la file d’attente a été rendue. Démarrez l’établi pour en prendre une autre.',
		en: 'Your page was closed: your place in the queue has been given up. Start the workbench to take another one.',
	}),
};
