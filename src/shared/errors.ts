/**
 * The catalogue of errors: code → HTTP status and a sentence for a person. The log gets the detail; a person never sees a stack trace.
 * docs/protocol.md lists the codes; a test holds the two together.
 */
import type { Language, Text } from './language.ts';

interface Entry {
	status: number;
	text: Text;
}

const catalogue = {
	'bad-request': { status: 400, text: { fr: 'La demande n’a pas la forme attendue.', en: 'The request does not have the expected form.' } },
	'no-identity': {
		status: 401,
		text: {
			fr: 'Votre navigateur n’est pas (ou plus) reconnu : rechargez la page.',
			en: 'Your browser is not (or no longer) recognised: reload the page.',
		},
	},
	'access-code': {
		status: 401,
		text: {
			fr: 'Ce serveur demande le code d’accès que votre formateur vous a donné.',
			en: 'This server asks for the access code that your trainer gave you.',
		},
	},
	'wrong-code': {
		status: 403,
		text: {
			fr: 'Ce n’est pas le bon code. Vérifiez-le auprès de votre formateur.',
			en: 'That is not the right code. Check it with your trainer.',
		},
	},
	'wrong-origin': {
		status: 403,
		text: { fr: 'Cette demande vient d’un autre site : elle est refusée.', en: 'This request comes from another site: it is refused.' },
	},
	'bad-ticket': {
		status: 403,
		text: {
			fr: 'Ce billet de connexion est inconnu, périmé ou déjà utilisé : rechargez la page.',
			en: 'This connection ticket is unknown, expired or used: reload the page.',
		},
	},
	'not-found': { status: 404, text: { fr: 'Cela n’existe pas ici.', en: 'There is no such thing here.' } },
	'no-sandbox': {
		status: 409,
		text: { fr: 'Vous n’avez pas d’établi ouvert : démarrez-en un.', en: 'You have no open bench: start one.' },
	},
	'sandbox-busy': {
		status: 409,
		text: { fr: 'L’établi est en train de démarrer ou de s’arrêter : un instant.', en: 'The bench is starting or stopping: one moment.' },
	},
	'no-extension': {
		status: 409,
		text: { fr: 'La durée de cet établi ne peut plus être prolongée.', en: 'This bench cannot be made to last any longer.' },
	},
	'too-large': { status: 413, text: { fr: 'La demande est trop grande.', en: 'The request is too large.' } },
	'too-many': { status: 429, text: { fr: 'Trop de demandes : patientez un instant.', en: 'Too many requests: wait a moment.' } },
	'queue-full': {
		status: 429,
		text: {
			fr: 'Tous les établis sont pris, et la file d’attente est pleine. Lisez la leçon en attendant, et réessayez dans quelques minutes.',
			en: 'Every bench is taken, and the queue is full. Read the lesson meanwhile, and try again in a few minutes.',
		},
	},
	internal: {
		status: 500,
		text: {
			fr: 'Le serveur a rencontré une erreur ; elle est notée. Réessayez.',
			en: 'The server met an error; it has been noted. Try again.',
		},
	},
	'engine-away': {
		status: 503,
		text: {
			fr: 'Le moteur de conteneurs ne répond pas. Nous réessayons sans cesse.',
			en: 'The container engine does not answer. We keep trying.',
		},
	},
	'engine-back': {
		status: 200,
		text: { fr: 'Le moteur de conteneurs répond à nouveau.', en: 'The container engine answers again.' },
	},
	'start-failed': {
		status: 503,
		text: {
			fr: 'L’établi n’a pas pu démarrer. Réessayez ; si cela persiste, prévenez le formateur.',
			en: 'The bench could not start. Try again; if it persists, tell the trainer.',
		},
	},
	'bad-message': { status: 400, text: { fr: 'Message mal formé : connexion fermée.', en: 'Malformed message: connection closed.' } },
	'terminal-failed': {
		status: 503,
		text: {
			fr: 'Le terminal n’a pas pu s’ouvrir. Réinitialisez l’établi si cela persiste.',
			en: 'The terminal could not open. Reset the bench if it persists.',
		},
	},
	'check-broken': {
		status: 500,
		text: {
			fr: 'Cette vérification est en panne : ce n’est pas de votre fait. Continuez ; le formateur est prévenu par le journal du serveur.',
			en: 'This check is broken: it is not your doing. Go on; the trainer is told by the log of the server.',
		},
	},
	'check-slow': {
		status: 500,
		text: {
			fr: 'Cette vérification n’a pas répondu à temps : ce n’est pas de votre fait. Réessayez, ou continuez.',
			en: 'This check did not answer in time: it is not your doing. Try again, or go on.',
		},
	},
	'check-not-started': {
		status: 507,
		text: {
			fr: 'La vérification n’a pas pu démarrer : l’établi n’a plus de place (processus ou mémoire). Arrêtez des programmes ou réinitialisez l’établi.',
			en: 'The check could not start: the bench has no room left (processes or memory). End some programs or reset the bench.',
		},
	},
	'setup-failed': {
		status: 503,
		text: {
			fr: 'La préparation de la leçon a échoué : des fichiers peuvent manquer. Préparez-la à nouveau (son dossier est vidé) ; si cela persiste, prévenez le formateur.',
			en: 'Preparing the lesson failed: files may be missing. Prepare it again (its folder is emptied); if it persists, tell the trainer.',
		},
	},
	'memory-full': {
		status: 507,
		text: {
			fr: 'L’établi a manqué de mémoire : le noyau a arrêté un de vos programmes. Libérez de la place ou réinitialisez l’établi.',
			en: 'The bench ran out of memory: the kernel ended one of your programs. Free some room or reset the bench.',
		},
	},
	'processes-full': {
		status: 507,
		text: {
			fr: 'L’établi a atteint sa limite de processus : rien de nouveau ne peut démarrer. Arrêtez des programmes ou réinitialisez l’établi.',
			en: 'The bench has reached its limit of processes: nothing new can start. End some programs or reset the bench.',
		},
	},
	'disk-full': {
		status: 507,
		text: {
			fr: 'Le dossier {path} de l’établi est plein : effacez des fichiers ou réinitialisez l’établi.',
			en: 'The bench’s folder {path} is full: delete some files or reset the bench.',
		},
	},
	'server-full': {
		status: 507,
		text: {
			fr: 'Le disque du serveur est plein : vos terminaux marchent encore, mais rien de nouveau ne peut être noté ni démarré. Prévenez le formateur.',
			en: 'The disk of the server is full: your terminals still work, but nothing new can be noted or started. Tell the trainer.',
		},
	},
	'ends-soon': {
		status: 503,
		text: {
			fr: 'L’établi sera rangé dans {minutes} min. Enregistrez les fichiers ouverts dans un éditeur.',
			en: 'The bench will be put away in {minutes} min. Save the files that are open in an editor.',
		},
	},
	'file-outside': {
		status: 409,
		text: {
			fr: 'Ce fichier se trouverait hors du dossier de la leçon : rien n’a été écrit.',
			en: 'That file would be outside of the lesson’s folder: nothing was written.',
		},
	},
	'file-link': {
		status: 409,
		text: {
			fr: '{path} est un lien vers un autre fichier : rien n’a été écrit. Retirez-le (rm), ou écrivez vous-même dans le fichier visé.',
			en: '{path} is a link to another file: nothing was written. Remove it (rm), or write into that file yourself.',
		},
	},
	'file-folder': {
		status: 409,
		text: {
			fr: '{path} ne peut pas être un fichier : il y a là un dossier, ou un fichier là où il faudrait un dossier.',
			en: '{path} cannot be a file: there is a folder, or a file where a folder is needed.',
		},
	},
	'file-special': {
		status: 409,
		text: {
			fr: '{path} n’est pas un fichier ordinaire (tube, prise, périphérique) : rien n’a été écrit.',
			en: '{path} is no ordinary file (a pipe, socket or device): nothing was written.',
		},
	},
	'file-large': {
		status: 413,
		text: {
			fr: '{path} est trop grand pour être montré et modifié ici (plus de 64 Kio) : ouvrez-le avec nano.',
			en: '{path} is too large to be shown and changed here (more than 64 KiB): open it with nano.',
		},
	},
	'file-binary': {
		status: 409,
		text: {
			fr: '{path} n’est pas un texte : il ne peut être ni montré ni modifié ici.',
			en: '{path} is no text: it can be neither shown nor changed here.',
		},
	},
	'file-forbidden': {
		status: 409,
		text: {
			fr: 'Vous n’avez pas le droit de lire ou d’écrire {path} : voyez ses droits avec ls -l.',
			en: 'You may not read or write {path}: see its permissions with ls -l.',
		},
	},
	'file-full': {
		status: 507,
		text: {
			fr: 'L’établi n’a plus de place pour {path} : rien n’a été changé. Effacez des fichiers.',
			en: 'The bench has no room left for {path}: nothing was changed. Delete some files.',
		},
	},
	'file-changed': {
		status: 409,
		text: {
			fr: '{path} a changé entre-temps : rien n’a été écrit. Recommencez pour voir la différence.',
			en: '{path} has changed in the meantime: nothing was written. Try again to see the difference.',
		},
	},
	'home-too-large': {
		status: 507,
		text: {
			fr: 'Trop grand pour être gardé d’un établi à l’autre : {files}. Emportez votre travail, ou effacez ce qui peut être refait.',
			en: 'Too large to be kept from one bench to the next: {files}. Take your work home, or delete what can be made again.',
		},
	},
	'home-not-kept': {
		status: 503,
		text: {
			fr: 'Vos fichiers, tels qu’ils étaient en dernier, n’ont pas pu être gardés.',
			en: 'Your files, as they were last, could not be kept.',
		},
	},
	'home-not-restored': {
		status: 503,
		text: {
			fr: 'Vos fichiers gardés n’ont pas pu être remis en place. Ils ne sont pas perdus, mais ce que vous faites maintenant n’est pas gardé : prévenez le formateur, ou prenez un établi neuf.',
			en: 'Your kept files could not be put back. They are not lost, but what you do now is not kept: tell the trainer, or take a fresh bench.',
		},
	},
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;
export const errorCodes = Object.keys(catalogue) as ErrorCode[];

/** The sentence of a code in a language; `{name}` is replaced from `values`. */
export function errorText(code: ErrorCode, language: Language, values: Record<string, string> = {}): string {
	return catalogue[code].text[language].replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

/** An error that a person may see: `code` and its text go out, `detail` and `cause` into the log only. */
export class PublicError extends Error {
	readonly code: ErrorCode;
	readonly status: number;
	readonly values: Record<string, string>;
	constructor(code: ErrorCode, detail = '', options: ErrorOptions & { values?: Record<string, string> } = {}) {
		super(detail ? `${code}: ${detail}` : code, options);
		this.name = 'PublicError';
		this.code = code;
		this.status = catalogue[code].status;
		this.values = options.values ?? {};
	}
}
