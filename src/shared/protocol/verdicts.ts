/** What stands beside a step when the sentence does not come from its check. */
import type { Text } from '../language.ts';

/** `{name}` in them is filled in. */
export const verdictTexts = {
	/** The check said no, and nothing more. */
	notYet: {
		fr: 'Il manque encore quelque chose : relisez la consigne de l’étape.',
		en: 'Something is still missing: read the step’s task again.',
	},
	/** It ended in a way that is no verdict. */
	broken: {
		fr: 'Cette vérification est en panne : ce n’est pas de votre fait. Continuez ; le formateur est prévenu par le journal du serveur.',
		en: 'This check is broken: it is not your doing. Go on; the trainer is told by the log of the server.',
	},
	/** It did not end within its time limit. */
	slow: {
		fr: 'Cette vérification n’a pas répondu à temps : ce n’est pas de votre fait. Continuez ; elle est refaite après chaque commande.',
		en: 'This check did not answer in time: it is not your doing. Go on; it runs again after each command.',
	},
	/** The sandbox had no room for it. */
	notStarted: {
		fr: 'La vérification n’a pas pu démarrer : l’établi n’a plus de place (processus ou mémoire). Arrêtez des programmes ; sinon, rangez l’établi (« Réinitialiser… ») et démarrez-en un autre : vos fichiers sont gardés.',
		en: 'The check could not start: the workbench has no room left (processes or memory). End some programs; otherwise put the workbench away (“Reset…”) and start another one: your files are kept.',
	},
	/** Before the sentence of a step that has been passed and no longer holds. */
	fellBack: { fr: 'Cette étape était faite, mais ne l’est plus.', en: 'This step was done, but is no longer.' },
	/** `{steps}`: the numbers of the steps that have to be passed first. */
	afterStep: {
		fr: 'Cette étape vient après l’étape {steps} : faites-la d’abord.',
		en: 'This step comes after step {steps}: do that first.',
	},
	afterSteps: {
		fr: 'Cette étape vient après les étapes {steps} : faites-les d’abord.',
		en: 'This step comes after steps {steps}: do those first.',
	},
	and: { fr: 'et', en: 'and' },
	/** Of a quiz that stands somewhere in the lesson. */
	quizElsewhere: {
		fr: 'Une question de la leçon attend encore sa bonne réponse : répondez-y.',
		en: 'A question of the lesson still waits for its right answer: answer it.',
	},
	/** Of the one quiz of a step. */
	quizHere: {
		fr: 'La question de cette étape attend encore sa bonne réponse : répondez-y.',
		en: 'This step’s question still waits for its right answer: answer it.',
	},
	/** Of one quiz among several of a step. */
	quizAmong: {
		fr: 'La question {n} de cette étape (sur {count}) attend encore sa bonne réponse : répondez-y.',
		en: 'Question {n} of this step (of {count}) still waits for its right answer: answer it.',
	},
} as const satisfies Record<string, Text>;
