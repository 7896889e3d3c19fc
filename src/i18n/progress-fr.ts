/** The page of a learner's progress, in French; progress-en.ts has the same keys. Only that page loads them: other pages have the link's words from the build. */
export const progressFr = {
	title: 'Ma progression',
	/** Of links to the page. */
	link: 'Ma progression',
	intro: 'Tous les cours de ce site : ce que vous avez fait, et où reprendre.',
	noScript: 'Votre progression est lue par un script, et ce navigateur n’en exécute pas ; les cours et leurs leçons sont ci-dessous.',
	loading: 'Lecture de votre progression…',
	away: 'Le serveur ne répond pas : votre progression ne peut pas être lue en ce moment. Rechargez la page un peu plus tard ; les leçons ci-dessous restent lisibles.',
	codeWanted: 'Ce serveur demande d’abord le code d’accès : donnez-le dans une leçon, puis revenez ici.',
	failed: 'Votre progression n’a pas pu être lue : vérifiez la connexion et rechargez la page.',
	nothing: 'Rien n’est encore fait. Le plus simple est de commencer par le commencement.',
	begin: 'Commencer : {lesson}',
	resume: 'Reprendre : {lesson}',
	resumeAt: 'Dans « {course} », à l’étape « {step} ».',
	allDone: 'Tout est fait. Beau travail !',
	updated: 'Votre progression est à jour.',
	stepsOf: 'Étapes réussies : {n} sur {count}',
	courseDone: 'Cours terminé ; étapes réussies : {count}',
	meter: 'Étapes réussies : {title}',
	spent: 'Temps passé : {time}',
	notYet: '« Pas encore » : {n} fois',
	last: 'Dernier travail : {when}',
	lessonSteps: '{n}/{count}',
	lessonStepsSpoken: '{n} sur {count} étapes',
	lessonDone: 'Leçon terminée',
	todo: 'À faire',
	begun: 'Commencée',
	passed: 'Réussie',
	passedOn: 'Réussie le {when}',
	openLesson: 'Ouvrir la leçon',
	howTitle: 'Comment c’est compté',
	howTime:
		'Le temps passé est celui qui s’écoule entre deux signes de travail : une commande qui commence ou se termine, un fichier enregistré, une étape vérifiée. Une pause de plus de dix minutes ne compte pas du tout, ni ce que vous lisez avant votre première commande, ni une commande qui tourne seule plus de dix minutes. C’est donc un minimum ; le même moment ne compte qu’une fois, même avec deux terminaux.',
	howTries:
		'« Pas encore » compte les réponses différentes d’une vérification avant que l’étape soit réussie ; la même réponse, répétée, ne compte qu’une fois. Une étape reprise à zéro garde sa première date.',
	howHints: 'Les indices et les solutions que vous ouvrez ne sont pas comptés ici.',
	howWho:
		'Cette page n’est lue que par vous : le serveur reconnaît votre navigateur, ou votre compte si vous vous êtes connecté. À une plateforme de cours d’où vous venez, il dit combien d’étapes de la leçon sont réussies, et rien d’autre.',
	eraseTitle: 'Ce que ce serveur a de vous',
	eraseText:
		'Outre cette page : vos fichiers et vos commandes, ce que vos terminaux ont montré, vos réponses aux quiz, vos attestations, les images que vous avez poussées, ce que des salles savent de vous (« Ma salle »), et le compte par lequel vous êtes venu. Vous pouvez tout faire effacer ; emportez d’abord votre travail. Ce qu’une plateforme de cours a reçu y reste, et les badges et attestations que vous avez téléchargés sont à vous.',
	erase: 'Tout effacer…',
	eraseSure: 'Tout ce que ce serveur a de vous est effacé, pour toujours. Les codes de vos attestations ne valent alors plus rien.',
	eraseYes: 'Tout effacer',
	eraseNo: 'Tout garder',
	eraseOpen: 'Votre établi est ouvert, ou une page de leçon dans un autre onglet. Il prend fin, et rien n’en est gardé.',
	eraseOpenYes: 'Terminer et tout effacer',
	erasing: 'Effacement…',
	erased: 'Tout est effacé. Si vous continuez dans ce navigateur, vous commencez comme quelqu’un de nouveau.',
};

export type ProgressStrings = Record<keyof typeof progressFr, string>;
