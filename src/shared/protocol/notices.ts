/**
 * What a learner is told about their workbench without having asked (message `notice`): code → a sentence. Where the same thing can also
 * be the reason of a refusal, the sentence is that of refusals.ts. docs/protocol.md lists the codes; a test holds the two together.
 */
import { fill } from '../fill.ts';
import type { Language, Text } from '../language.ts';
import { refusals } from './refusals.ts';

/** By code: the sentence; `{name}` in it is filled in. */
export const notices = {
	'engine-away': refusals['engine-away'].text,
	'engine-back': {
		fr: 'Le moteur de conteneurs répond à nouveau : continuez.',
		en: 'The container engine answers again: go on.',
	},
	'setup-failed': {
		fr: 'La préparation de la leçon a échoué : des fichiers peuvent manquer. Préparez-la à nouveau (son dossier est vidé) ; si cela persiste, prévenez le formateur.',
		en: 'Preparing the lesson failed: files may be missing. Prepare it again (its folder is emptied); if it persists, tell the trainer.',
	},
	'memory-full': {
		fr: 'L’établi a manqué de mémoire : le noyau a arrêté un de vos programmes. Arrêtez ceux dont vous n’avez pas besoin, et effacez ce qui est de trop dans /tmp.',
		en: 'The workbench ran out of memory: the kernel ended one of your programs. End those that you do not need, and delete what is too much in /tmp.',
	},
	'processes-full': refusals['processes-full'].text,
	'disk-full': {
		fr: 'Le dossier {path} de l’établi est plein : effacez des fichiers (« du -ah {path} | sort -h | tail » montre les plus gros).',
		en: 'The workbench’s folder {path} is full: delete some files (“du -ah {path} | sort -h | tail” shows the largest).',
	},
	'server-full': refusals['server-full'].text,
	'ends-soon': {
		fr: 'L’établi sera rangé dans {minutes} min. Enregistrez les fichiers ouverts dans un éditeur.',
		en: 'The workbench will be put away in {minutes} min. Save the files that are open in an editor.',
	},
	unattended: {
		fr: 'Personne n’a rien fait ici depuis longtemps : l’établi sera rangé dans {minutes} min. Bougez la souris ou appuyez sur une touche pour le garder.',
		en: 'Nobody has done anything here for a long time: the workbench will be put away in {minutes} min. Move the pointer or press a key to keep it.',
	},
	'home-too-large': {
		fr: 'Trop grand pour être gardé d’un établi à l’autre : {files}. Emportez votre travail, ou effacez ce qui peut être refait.',
		en: 'Too large to be kept from one workbench to the next: {files}. Take your work home, or delete what can be made again.',
	},
	'home-not-kept': refusals['home-not-kept'].text,
	'home-not-restored': {
		fr: 'Vos fichiers gardés n’ont pas pu être remis en place. Ils ne sont pas perdus, mais ce que vous faites maintenant n’est pas gardé : prévenez le formateur, ou prenez un établi neuf.',
		en: 'Your kept files could not be put back. They are not lost, but what you do now is not kept: tell the trainer, or take a fresh workbench.',
	},
} as const satisfies Record<string, Text>;

export type NoticeCode = keyof typeof notices;

/** The sentence of a notice in a language; `{name}` is filled in from `values`. */
export function noticeText(code: NoticeCode, language: Language, values: Record<string, string> = {}): string {
	return fill(notices[code][language], values);
}
