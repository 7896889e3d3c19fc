/** What the page of single sign-on says, and what leads to it, in French; sign-in-en.ts has the same keys. */
export const signInFr = {
	title: 'Connexion',
	/** Of links to the page. */
	link: 'Connexion',
	noScript: 'Cette page a besoin de JavaScript.',
	loading: 'Un instant…',
	failed: 'Le serveur ne répond pas. Réessayez dans un instant.',
	forTrainers: 'Les formateurs se connectent ici avec le compte de leur établissement. Pour suivre un cours, il n’en faut pas.',
	forAll:
		'Connectez-vous avec le compte de votre établissement : votre travail vous suit d’une machine à l’autre. Rien d’obligatoire pour suivre un cours.',
	forAllMust: 'Sur ce serveur, on travaille avec le compte de son établissement, ou avec le code d’une salle.',
	signIn: 'Se connecter ({provider})',
	toJoin: 'J’ai le code d’une salle',
	signedIn: 'Vous êtes connecté dans ce navigateur : {name}.',
	noName: 'compte sans nom',
	asTrainer: 'Vous pouvez mener des salles.',
	toRooms: 'Mes salles',
	toProgress: 'Ma progression',
	signOut: 'Se déconnecter',
	signedOut: 'Vous êtes déconnecté dans ce navigateur.',
	elsewhere: 'Se déconnecter aussi de {provider}',
};

export type SignInStrings = Record<keyof typeof signInFr, string>;
