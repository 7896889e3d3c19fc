/**
 * What the server refuses, and how it says so: code → HTTP status and a sentence for a person. The detail goes into the log only.
 * docs/protocol.md lists the codes; a test holds the two together. (Over 400 lines: a table.)
 */
import { fill } from '../fill.ts';
import type { Language, Text } from '../language.ts';

/** By code: the HTTP status, and the sentence; `{name}` in it is filled in. */
export const refusals = {
	'bad-request': {
		status: 400,
		text: {
			fr: 'La demande n’a pas la forme attendue : rechargez la page et recommencez.',
			en: 'The request does not have the expected form: reload the page and try again.',
		},
	},
	'no-identity': {
		status: 401,
		text: {
			fr: 'Votre navigateur n’est pas (ou plus) reconnu : rechargez la page.',
			en: 'Your browser is not (or no longer) recognised: reload the page.',
		},
	},
	'access-code': {
		status: 401,
		text: {
			fr: 'Ce serveur demande le code d’accès que votre formateur vous a donné : entrez-le dans une leçon, puis réessayez.',
			en: 'This server asks for the access code that your trainer gave you: enter it in a lesson, then try again.',
		},
	},
	'sign-in': {
		status: 401,
		text: {
			fr: 'Connectez-vous d’abord avec le compte de l’établissement. Avec le code d’une salle, on entre aussi sans compte.',
			en: 'Sign in first, with the institute’s account. With a room’s code one gets in without an account, too.',
		},
	},
	'sso-none': {
		status: 404,
		text: {
			fr: 'Ce serveur n’a pas de connexion par compte : entrez avec le lien ou le code que l’on vous a donné.',
			en: 'This server has no sign-in by an account: come in with the link or the code that you were given.',
		},
	},
	'sso-away': {
		status: 503,
		text: {
			fr: 'Le service qui connaît les comptes ne répond pas : réessayez dans un moment. Les codes des salles et les liens marchent toujours.',
			en: 'The service that knows the accounts does not answer: try again in a moment. Codes of rooms and links still work.',
		},
	},
	'sso-nonsense': {
		status: 502,
		text: {
			fr: 'Le service qui connaît les comptes a répondu ce qui ne peut pas être accepté. Prévenez la personne qui s’occupe de ce serveur : ./etabli doctor dit ce qui ne va pas. Les codes des salles marchent toujours.',
			en: 'The service that knows the accounts gave an answer that cannot be accepted. Tell whoever runs this server: ./etabli doctor says what is wrong. Codes of rooms still work.',
		},
	},
	'sso-clock': {
		status: 502,
		text: {
			fr: 'L’horloge de ce serveur et celle du service qui connaît les comptes diffèrent de plus d’une minute. Prévenez la personne qui s’occupe de ce serveur : ./etabli doctor montre l’écart. Les codes des salles marchent toujours.',
			en: 'The clocks of this server and of the service that knows the accounts differ by more than a minute. Tell whoever runs this server: ./etabli doctor shows by how much. Codes of rooms still work.',
		},
	},
	'sso-again': {
		status: 403,
		text: {
			fr: 'Cette connexion a déjà servi, a duré plus de dix minutes, ou a été commencée dans un autre navigateur : recommencez.',
			en: 'This sign-in has been used, took more than ten minutes, or was begun in another browser: start again.',
		},
	},
	'sso-declined': {
		status: 403,
		text: {
			fr: 'La connexion a été refusée ou abandonnée là où sont les comptes : recommencez, ou entrez avec un code.',
			en: 'Signing in was refused or given up where the accounts are: start again, or come in with a code.',
		},
	},
	'sso-no-role': {
		status: 403,
		text: {
			fr: 'Votre compte est reconnu, mais ici la connexion est réservée aux formateurs. Entrez avec le code de votre salle ; si vous êtes formateur, demandez à la personne qui s’occupe de ce serveur de vous ajouter.',
			en: 'Your account is known, but here signing in is for trainers. Come in with your room’s code; if you are a trainer, ask whoever runs this server to add you.',
		},
	},
	'lti-unknown': {
		status: 404,
		text: {
			fr: 'Cette plateforme de cours n’est pas (ou plus) connue ici. Prévenez l’enseignant du cours : la personne qui s’occupe de ce serveur doit l’enregistrer (./etabli lti add).',
			en: 'This learning platform is not (or no longer) known here. Tell the course’s teacher: whoever runs this server has to register it (./etabli lti add).',
		},
	},
	'lti-refused': {
		status: 403,
		text: {
			fr: 'Ce que la plateforme de cours a envoyé ne peut pas être accepté. Rouvrez la leçon depuis votre cours ; si cela persiste, prévenez la personne qui s’occupe de ce serveur : son journal dit ce qui manque.',
			en: 'What the learning platform sent cannot be accepted. Open the lesson from your course again; if it persists, tell whoever runs this server: its log says what is wrong.',
		},
	},
	'lti-away': {
		status: 503,
		text: {
			fr: 'La plateforme de cours ne répond pas à ce serveur : rouvrez la leçon depuis votre cours dans un moment.',
			en: 'The learning platform does not answer this server: open the lesson from your course again in a moment.',
		},
	},
	'lti-no-list': {
		status: 409,
		text: {
			fr: '{platform} ne laisse pas ce serveur lire qui est dans le cours. La personne qui l’administre peut le permettre : dans les réglages de l’outil, « Names and Role Provisioning ». En attendant, déposez un fichier.',
			en: '{platform} does not let this server read who is in the course. Whoever administers it can allow it: in the tool’s settings, “Names and Role Provisioning”. Meanwhile, take a file.',
		},
	},
	'lti-no-names': {
		status: 409,
		text: {
			fr: 'La plateforme dit combien de personnes sont dans le cours, mais pas leurs noms : c’est un réglage de l’outil là-bas (Moodle : « Confidentialité », partager le nom de l’utilisateur). En attendant, déposez un fichier, ou laissez chacun écrire son nom.',
			en: 'The platform says how many people are in the course, but not their names: that is a setting of the tool there (Moodle: “Privacy”, share the launcher’s name). Meanwhile, take a file, or let people write their names.',
		},
	},
	'lti-list-away': {
		status: 503,
		text: {
			fr: '{platform} ne répond pas : la liste est restée comme elle était. Réessayez dans un moment, ou déposez un fichier.',
			en: '{platform} does not answer: the list is as it was. Try again in a moment, or take a file.',
		},
	},
	'lti-list-nonsense': {
		status: 502,
		text: {
			fr: 'Ce que {platform} a répondu n’est pas une liste, ou est trop long : la liste est restée comme elle était. Prévenez la personne qui s’occupe de ce serveur : son journal dit ce qui ne va pas. En attendant, déposez un fichier.',
			en: 'What {platform} answered is no list, or is too long: the list is as it was. Tell whoever runs this server: its log says what is wrong. Meanwhile, take a file.',
		},
	},
	'lti-invitation': {
		status: 403,
		text: {
			fr: 'Ce lien d’enregistrement a déjà servi, ou n’est plus valable (il l’est un jour) : demandez-en un autre à la personne qui s’occupe de ce serveur (./etabli lti invite).',
			en: 'This registration link has been used, or is over (it is good for a day): ask whoever runs this server for another (./etabli lti invite).',
		},
	},
	'lti-registered': {
		status: 409,
		text: {
			fr: 'Cette plateforme est déjà enregistrée ici, ou une autre porte ce nom : ./etabli lti le montre. Rien n’a changé, et le lien est encore bon. Retirez ce que la plateforme a gardé de cet essai.',
			en: 'This platform is registered here already, or another has that name: ./etabli lti shows it. Nothing has changed, and the link is still good. Remove what the platform has kept of this try.',
		},
	},
	'lti-registration': {
		status: 502,
		text: {
			fr: 'L’enregistrement n’a pas abouti : la plateforme n’a pas répondu, ou ce qui ne peut pas être accepté. Rien n’a changé ici, et le lien est encore bon. Voyez le journal de ce serveur, puis recommencez.',
			en: 'The registration did not come about: the platform did not answer, or with what cannot be accepted. Nothing has changed here, and the link is still good. Look at this server’s log, then start again.',
		},
	},
	'wrong-code': {
		status: 403,
		text: {
			fr: 'Ce n’est pas le bon code. Vérifiez-le auprès de votre formateur.',
			en: 'That is not the right code. Check it with your trainer.',
		},
	},
	'wrong-room-code': {
		status: 403,
		text: {
			fr: 'Aucune salle ouverte n’a ce code : vérifiez les six lettres et chiffres que votre formateur montre. Le code d’une salle fermée ne sert plus.',
			en: 'No open room has this code: check the six letters and digits that your trainer shows. The code of a room that was closed is of no use any more.',
		},
	},
	'room-not-open': {
		status: 409,
		text: {
			fr: 'Cette salle n’est pas encore ouverte : votre formateur va l’ouvrir. Réessayez dans un moment.',
			en: 'This room is not open yet: your trainer will open it. Try again in a moment.',
		},
	},
	'wrong-word': {
		status: 403,
		text: {
			fr: 'Personne n’a ces quatre mots. Vérifiez-les, ou entrez avec le code de la salle.',
			en: 'Nobody has these four words. Check them, or come in with the room’s code.',
		},
	},
	'bad-link': {
		status: 403,
		text: {
			fr: 'Ce lien a déjà servi, ou n’est plus valable : demandez-en un autre.',
			en: 'This link has been used, or is over: ask for another one.',
		},
	},
	'wrong-origin': {
		status: 403,
		text: {
			fr: 'Ce serveur n’est pas réglé pour l’adresse de cette page : la demande est refusée. Prévenez la personne qui s’en occupe : --public-url doit être exactement ce que montre la barre d’adresse.',
			en: 'This server is not set up for the address of this page: the request is refused. Tell whoever runs it: --public-url has to be exactly what the address bar shows.',
		},
	},
	'bad-ticket': {
		status: 403,
		text: {
			fr: 'Ce billet de connexion est inconnu, périmé ou déjà utilisé : rechargez la page.',
			en: 'This connection ticket is unknown, expired or used: reload the page.',
		},
	},
	forbidden: {
		status: 403,
		text: {
			fr: 'Cela ne vous est pas permis ici. Si cela devrait l’être, parlez-en à qui mène la salle ou tient ce serveur.',
			en: 'You may not do that here. If you should be able to, ask whoever leads the room or runs this server.',
		},
	},
	'not-found': {
		status: 404,
		text: {
			fr: 'Cela n’existe pas, ou plus, ici : vérifiez l’adresse, ou rechargez la page.',
			en: 'There is no such thing here, or no longer: check the address, or reload the page.',
		},
	},
	'bad-name': {
		status: 400,
		text: {
			fr: 'Ce nom ne peut pas être affiché : écrivez-le avec des lettres ou des chiffres.',
			en: 'This name cannot be shown: write it with letters or digits.',
		},
	},
	'name-too-long': {
		status: 400,
		text: {
			fr: 'Ce nom est trop long : écrivez-le en 40 lettres au plus.',
			en: 'This name is too long: write it in 40 letters at most.',
		},
	},
	'name-unprintable': {
		status: 400,
		text: {
			fr: 'La police de l’attestation n’a pas : {letters}. Écrivez votre nom en lettres latines, grecques, cyrilliques, arméniennes, géorgiennes, hébraïques ou arabes.',
			en: 'The certificate’s font does not have: {letters}. Write your name in Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew or Arabic letters.',
		},
	},
	'course-not-done': {
		status: 409,
		text: {
			fr: 'Ce cours n’est pas terminé : réussissez d’abord toutes ses étapes.',
			en: 'This course is not complete: pass every one of its steps first.',
		},
	},
	'wrong-certificate': {
		status: 403,
		text: {
			fr: 'Aucune attestation n’a ce code : vérifiez-le sur l’attestation. S’il est bien recopié, il est inventé, ou la personne l’a retirée ou remplacée : demandez-lui.',
			en: 'No certificate has this code: check it on the certificate. If it is copied well, it is made up, or the person has withdrawn or replaced the certificate: ask them.',
		},
	},
	'name-taken': {
		status: 409,
		text: {
			fr: 'Quelqu’un s’appelle déjà {name} dans cette salle : ajoutez une lettre, ou revenez avec vos quatre mots si c’est vous.',
			en: 'Somebody is called {name} in this room already: add a letter, or come back with your four words if that is you.',
		},
	},
	'room-closed': {
		status: 409,
		text: {
			fr: 'Cette salle n’est pas ouverte : ouvrez-la, ou demandez à son formateur de l’ouvrir.',
			en: 'This room is not open: open it, or ask its trainer to.',
		},
	},
	'hand-taken': {
		status: 409,
		text: {
			fr: '{name} est déjà en route. Si vous y allez quand même, appuyez encore une fois.',
			en: '{name} is on the way already. If you go all the same, press once more.',
		},
	},
	'card-over': {
		status: 409,
		text: {
			fr: 'Cette question est close, ou vous y avez déjà répondu : continuez votre leçon.',
			en: 'This question is closed, or you have answered it already: go on with your lesson.',
		},
	},
	'bad-choices': {
		status: 400,
		text: {
			fr: 'Ces choix ne conviennent pas : donnez-en de deux à six, tous différents, de 80 lettres au plus. Sans choix, on répond en toutes lettres.',
			en: 'These choices will not do: give two to six, all different, of 80 letters at most. Without any, people answer in their own words.',
		},
	},
	'cards-full': {
		status: 409,
		text: {
			fr: 'Cette salle a déjà posé 60 questions, le plus qu’une salle peut poser : copiez la salle pour en poser d’autres.',
			en: 'This room has asked 60 questions already, the most that one room can ask: copy the room to ask more.',
		},
	},
	'looks-often': {
		status: 429,
		text: {
			fr: 'Vous avez demandé douze fois en une heure à voir ce terminal : attendez un peu, ou allez voir la personne.',
			en: 'You have asked twelve times within an hour to see this terminal: wait a while, or go and see the person.',
		},
	},
	'card-full': {
		status: 409,
		text: {
			fr: 'Cette question a déjà 500 réponses et n’en prend plus : dites la vôtre de vive voix.',
			en: 'This question has 500 answers already and takes no more: say yours aloud.',
		},
	},
	'look-changed': {
		status: 409,
		text: {
			fr: 'Ce n’est plus ce qui est demandé : lisez la barre, et répondez à ce qui y est écrit.',
			en: 'That is not what is asked any more: read the bar, and answer what is written there.',
		},
	},
	'room-full': {
		status: 409,
		text: {
			fr: 'Cette salle est complète : elle a 500 personnes. Demandez à votre formateur d’en ouvrir une autre.',
			en: 'This room is full: it has 500 people. Ask your trainer to open another one.',
		},
	},
	'no-sandbox': {
		status: 409,
		text: { fr: 'Vous n’avez pas d’établi ouvert : démarrez-en un.', en: 'You have no open workbench: start one.' },
	},
	'no-terminal': {
		status: 409,
		text: {
			fr: 'Ce terminal n’a pas encore été ouvert : rechargez la page.',
			en: 'This terminal has not been opened yet: reload the page.',
		},
	},
	'no-node': {
		status: 409,
		text: {
			fr: 'Le cluster de cette leçon n’a pas de machine de ce nom : rechargez la page, puis travaillez dans le terminal 1.',
			en: 'The cluster of this lesson has no machine of that name: reload the page, then work in terminal 1.',
		},
	},
	'sandbox-busy': {
		status: 409,
		text: {
			fr: 'L’établi est en train de démarrer ou de s’arrêter : patientez un instant, puis réessayez.',
			en: 'The workbench is starting or stopping: wait a moment, then try again.',
		},
	},
	'in-use': {
		status: 409,
		text: {
			fr: 'Un établi est ouvert, ou une page de leçon : rien n’a été effacé. Terminez-le, ou confirmez que tout prend fin.',
			en: 'A workbench is open, or a page of a lesson: nothing was erased. End it, or confirm that all of it ends.',
		},
	},
	'leads-rooms': {
		status: 409,
		text: {
			fr: 'Vous menez des salles sur ce serveur : rien n’a été effacé. Demandez à la personne qui s’en occupe de vous retirer (./etabli people erase).',
			en: 'You lead rooms on this server: nothing was erased. Ask whoever runs it to take you away (./etabli people erase).',
		},
	},
	'no-extension': {
		status: 409,
		text: {
			fr: 'La durée de cet établi ne peut plus être prolongée : enregistrez vos fichiers, puis démarrez-en un autre.',
			en: 'This workbench cannot be made to last any longer: save your files, then start another one.',
		},
	},
	'too-large': {
		status: 413,
		text: {
			fr: 'La demande est trop grande : envoyez moins de texte à la fois.',
			en: 'The request is too large: send less text at a time.',
		},
	},
	'too-many': {
		status: 429,
		text: { fr: 'Trop de demandes : patientez un instant, puis réessayez.', en: 'Too many requests: wait a moment, then try again.' },
	},
	'queue-full': {
		status: 429,
		text: {
			fr: 'Tous les établis sont pris, et la file d’attente est pleine. Lisez la leçon en attendant, et réessayez dans quelques minutes.',
			en: 'Every workbench is taken, and the queue is full. Read the lesson meanwhile, and try again in a few minutes.',
		},
	},
	internal: {
		status: 500,
		text: {
			fr: 'Le serveur a rencontré une erreur ; elle est notée. Réessayez ; si cela persiste, prévenez le formateur.',
			en: 'The server met an error; it has been noted. Try again; if it persists, tell the trainer.',
		},
	},
	'images-away': {
		status: 503,
		text: {
			fr: 'Le registre des images ne répond pas : réessayez dans un moment.',
			en: 'The registry of images does not answer: try again in a moment.',
		},
	},
	'engine-away': {
		status: 503,
		text: {
			fr: 'Le moteur de conteneurs ne répond pas. Nous réessayons sans cesse : lisez la leçon en attendant.',
			en: 'The container engine does not answer. We keep trying: read the lesson meanwhile.',
		},
	},
	'start-failed': {
		status: 503,
		text: {
			fr: 'L’établi n’a pas pu démarrer. Réessayez ; si cela persiste, prévenez le formateur.',
			en: 'The workbench could not start. Try again; if it persists, tell the trainer.',
		},
	},
	'bad-message': {
		status: 400,
		text: {
			fr: 'Message mal formé ou trop long, connexion fermée : rechargez la page.',
			en: 'Malformed or too long message, connection closed: reload the page.',
		},
	},
	'terminals-full': {
		status: 503,
		text: {
			fr: 'Seize terminaux sont ouverts dans cet établi, et aucun ne peut être fermé pour vous : arrêtez un programme (Ctrl+C) dans une autre leçon, ou fermez-en la page, puis rechargez celle-ci.',
			en: 'Sixteen terminals are open in this workbench, and none can be closed for you: stop a program (Ctrl+C) in another lesson, or close its page, then reload this one.',
		},
	},
	'terminal-failed': {
		status: 503,
		text: {
			fr: 'Le terminal n’a pas pu s’ouvrir : rechargez la page. Si cela persiste, rangez l’établi (« Réinitialiser… ») et démarrez-en un autre : vos fichiers sont gardés.',
			en: 'The terminal could not open: reload the page. If it persists, put the workbench away (“Reset…”) and start another one: your files are kept.',
		},
	},
	'processes-full': {
		status: 507,
		text: {
			fr: 'L’établi a atteint sa limite de processus : rien de nouveau ne peut démarrer. Arrêtez des programmes ; sinon, rangez l’établi (« Réinitialiser… ») et démarrez-en un autre : vos fichiers sont gardés.',
			en: 'The workbench has reached its limit of processes: nothing new can start. End some programs; otherwise put the workbench away (“Reset…”) and start another one: your files are kept.',
		},
	},
	'server-full': {
		status: 507,
		text: {
			fr: 'Le disque du serveur est plein : vos terminaux marchent encore, mais rien de nouveau ne peut être noté ni démarré. Prévenez le formateur.',
			en: 'The disk of the server is full: your terminals still work, but nothing new can be noted or started. Tell the trainer.',
		},
	},
	'file-outside': {
		status: 409,
		text: {
			fr: '{path} mène hors du dossier de la leçon, où rien n’est ouvert ni écrit d’ici : passez par le terminal.',
			en: '{path} leads out of the lesson’s folder, where nothing is opened or written from here: use the terminal.',
		},
	},
	'file-link': {
		status: 409,
		text: {
			fr: '{path} est un lien vers un autre fichier : il n’est ni ouvert ni modifié d’ici. Ouvrez le fichier visé, ou retirez le lien (rm).',
			en: '{path} is a link to another file: it is neither opened nor changed from here. Open the file that it leads to, or remove the link (rm).',
		},
	},
	'file-folder': {
		status: 409,
		text: {
			fr: '{path} ne peut pas être un fichier : il y a là un dossier, ou un fichier là où il faudrait un dossier. Déplacez-le ou renommez-le (mv).',
			en: '{path} cannot be a file: there is a folder, or a file where a folder is needed. Move or rename it (mv).',
		},
	},
	'file-special': {
		status: 409,
		text: {
			fr: '{path} n’est pas un fichier ordinaire (tube, prise, périphérique), et n’est ni ouvert ni modifié d’ici : passez par le terminal.',
			en: '{path} is no ordinary file (a pipe, socket or device), and is neither opened nor changed from here: use the terminal.',
		},
	},
	'file-large': {
		status: 413,
		text: {
			fr: '{path} est trop grand pour être montré et modifié ici (plus de 1 Mio) : ouvrez-le avec nano.',
			en: '{path} is too large to be shown and changed here (more than 1 MiB): open it with nano.',
		},
	},
	'file-binary': {
		status: 409,
		text: {
			fr: '{path} n’est pas un texte, et ne peut être ni montré ni modifié ici : voyez-le dans le terminal (file, od -c).',
			en: '{path} is no text, and can be neither shown nor changed here: look at it in the terminal (file, od -c).',
		},
	},
	'file-forbidden': {
		status: 409,
		text: {
			fr: 'Vous n’avez pas le droit de lire ou d’écrire {path} : voyez ses droits avec ls -l.',
			en: 'You may not read or write {path}: see its permissions with ls -l.',
		},
	},
	'file-unanswered': {
		status: 504,
		text: {
			fr: 'Le programme qui lit et écrit {path} dans l’établi a été arrêté, ou a mis trop longtemps. Réessayez.',
			en: 'The program that reads and writes {path} in the workbench was stopped, or took too long. Try again.',
		},
	},
	'file-full': {
		status: 507,
		text: {
			fr: 'L’établi n’a plus de place pour {path} : rien n’a été changé. Effacez des fichiers.',
			en: 'The workbench has no room left for {path}: nothing was changed. Delete some files.',
		},
	},
	'file-changed': {
		status: 409,
		text: {
			fr: '{path} a changé entre-temps : rien n’a été écrit. Recommencez pour voir la différence.',
			en: '{path} has changed in the meantime: nothing was written. Try again to see the difference.',
		},
	},
	'files-unkept': {
		status: 409,
		text: {
			fr: 'L’établi n’a pas été rangé, car ceci ne peut pas être gardé : {files}. Emportez votre travail ou effacez ce qui peut être refait ; sinon, ce sera perdu.',
			en: 'The workbench was not put away, as this cannot be kept: {files}. Take your work home, or delete what can be made again; otherwise it will be lost.',
		},
	},
	'preview-off': {
		status: 409,
		text: {
			fr: 'Ce serveur n’a pas d’adresse où montrer les pages des programmes de l’établi : tapez curl et l’adresse dans le terminal. La personne qui s’occupe du serveur peut en régler une (--preview-url).',
			en: 'This server has no address at which to show pages of programs in the workbench: type curl and the address in the terminal. Whoever runs the server can set one (--preview-url).',
		},
	},
	'preview-nothing': {
		status: 502,
		text: {
			fr: 'Rien n’écoute encore sur le port {port} de l’établi. Démarrez un serveur dans le terminal, par exemple « python3 -m http.server {port} » ou une instance d’une image qui en contient un ; « curl localhost:{port} » dit s’il répond.',
			en: 'Nothing listens on port {port} of the workbench yet. Start a server in the terminal, for example “python3 -m http.server {port}” or an instance of an image that has one; “curl localhost:{port}” says whether it answers.',
		},
	},
	'preview-over': {
		status: 410,
		text: {
			fr: 'Cet aperçu est terminé : son établi a été rangé ou remplacé, ou le serveur a redémarré. Rouvrez-le depuis la leçon.',
			en: 'This preview is over: its workbench was put away or replaced, or the server was started anew. Open it again from the lesson.',
		},
	},
	'preview-foreign': {
		status: 403,
		text: {
			fr: 'Cet aperçu n’est ouvert qu’à la personne dont c’est l’établi, depuis sa page de leçon : son adresse seule ne suffit pas. Rouvrez-le depuis la leçon (pour un onglet du navigateur, par le bouton qui s’y trouve) ; si cela ne suffit pas, le navigateur refuse le cookie de cette adresse.',
			en: 'This preview is open only to the person whose workbench it is, from their lesson page: its address alone does not do. Open it again from the lesson (for a tab of the browser, by the button there); if that does not help, the browser refuses this address’s cookie.',
		},
	},
	'preview-busy': {
		status: 503,
		text: {
			fr: 'Trop de connexions vers cet établi en même temps : fermez des pages de l’aperçu, ou réessayez dans un moment.',
			en: 'Too many connections into this workbench at the same time: close some pages of the preview, or try again in a moment.',
		},
	},
	'preview-unreached': {
		status: 503,
		text: {
			fr: 'Cet établi ne répond pas aux demandes d’aperçu. S’il a été démarré avant une mise à jour du serveur, rangez-le et démarrez-en un autre : vos fichiers sont gardés.',
			en: 'This workbench does not answer requests for previews. If it was started before the server was brought up to date, put it away and start another one: your files are kept.',
		},
	},
	'preview-garbled': {
		status: 502,
		text: {
			fr: 'Ce qui écoute sur le port {port} ne répond pas comme un serveur web (HTTP/1.1) : il parle peut-être autre chose (HTTPS, HTTP/2 seul, une base de données), ou il s’est arrêté au milieu de sa réponse. Regardez ce qu’il dit dans son terminal.',
			en: 'What listens on port {port} does not answer as a web server does (HTTP/1.1): it may speak something else (HTTPS, HTTP/2 alone, a database), or it stopped in the middle of its answer. Look at what it says in its terminal.',
		},
	},
	'preview-headers': {
		status: 502,
		text: {
			fr: 'Le serveur du port {port} a répondu avec des en-têtes trop grands (plus de 32 Kio). Regardez-les : curl -I localhost:{port}',
			en: 'The server on port {port} answered with headers that are too large (more than 32 KiB). Look at them: curl -I localhost:{port}',
		},
	},
	'preview-silent': {
		status: 504,
		text: {
			fr: 'Le serveur du port {port} a accepté la connexion, mais n’a rien répondu en deux minutes. Regardez ce qu’il attend : curl -v localhost:{port}',
			en: 'The server on port {port} accepted the connection, but answered nothing within two minutes. Look at what it waits for: curl -v localhost:{port}',
		},
	},
	'not-drawn': {
		status: 503,
		text: {
			fr: 'L’attestation n’a pas été dessinée à temps. Réessayez dans un moment ; si cela persiste, prévenez le formateur.',
			en: 'The certificate was not drawn in time. Try again in a moment; if it persists, tell the trainer.',
		},
	},
	'home-not-kept': {
		status: 503,
		text: {
			fr: 'Vos fichiers, tels qu’ils étaient en dernier, n’ont pas pu être gardés : prévenez le formateur.',
			en: 'Your files, as they were last, could not be kept: tell the trainer.',
		},
	},
} as const satisfies Record<string, { status: number; text: Text }>;

export type RefusalCode = keyof typeof refusals;

/** The sentence of a refusal in a language; `{name}` is filled in from `values`. */
export function refusalText(code: RefusalCode, language: Language, values: Record<string, string> = {}): string {
	return fill(refusals[code].text[language], values);
}

/** An error that a person may see: `code` and its sentence go out, `detail` and `cause` into the log only. */
export class Refusal extends Error {
	readonly code: RefusalCode;
	readonly status: number;
	readonly values: Record<string, string>;
	constructor(code: RefusalCode, detail = '', options: ErrorOptions & { values?: Record<string, string> } = {}) {
		super(detail ? `${code}: ${detail}` : code, options);
		this.name = 'Refusal';
		this.code = code;
		this.status = refusals[code].status;
		this.values = options.values ?? {};
	}
}
