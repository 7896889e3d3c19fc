/** What people from a learning platform read before they are in a lesson. */
export const ltiTexts = {
	open: { fr: 'Ouvrir la leçon', en: 'Open the lesson' },
	openText: {
		fr: 'Une leçon a besoin de toute une fenêtre : elle s’ouvre dans un onglet à part.',
		en: 'A lesson needs a whole window: it opens in a tab of its own.',
	},
	failed: { fr: 'La leçon ne s’ouvre pas', en: 'The lesson does not open' },
	choose: { fr: 'Quelle leçon ?', en: 'Which lesson?' },
	back: { fr: 'Retour au cours', en: 'Back to the course' },
	goOn: { fr: 'Continuer', en: 'Go on' },
	description: {
		fr: 'Cours sur les conteneurs et le calcul, avec un vrai terminal.',
		en: 'Courses on containers and computing, with a real terminal.',
	},
	registered: { fr: 'Établi est enregistré', en: 'Établi is registered' },
	notRegistered: { fr: 'Établi n’est pas enregistré', en: 'Établi is not registered' },
	registeredText: {
		fr: 'Les cours de {issuer} pourront ouvrir des leçons dès que l’outil y sera activé. Ici, la plateforme s’appelle {name}. Cette page peut être fermée.',
		en: 'Courses of {issuer} can open lessons once the tool is activated there. Here the platform is called {name}. This page can be closed.',
	},
	noDeployment: {
		fr: 'Il manque encore l’identifiant de déploiement, que la plateforme montre à côté de l’outil : ./etabli lti add {name} --deployment ID',
		en: 'The deployment id is still missing, which the platform shows beside the tool: ./etabli lti add {name} --deployment ID',
	},
	forPlatform: { fr: 'Ce lien est pour la plateforme', en: 'This link is for the platform' },
	forPlatformText: {
		fr: 'Copiez son adresse là où la plateforme de cours enregistre un outil par son adresse (Moodle : Administration du site, Plugins, Outil externe, Gérer les outils). Le lien est encore bon.',
		en: 'Copy its address to where the learning platform registers a tool by its address (Moodle: Site administration, Plugins, External tool, Manage tools). The link is still good.',
	},
} as const;
