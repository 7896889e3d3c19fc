import type { SignInStrings } from './sign-in-fr.ts';

/** What the page of single sign-on says, in English. */
export const signInEn: SignInStrings = {
	title: 'Sign in',
	link: 'Sign in',
	noScript: 'This page needs JavaScript.',
	loading: 'One moment…',
	failed: 'The server does not answer. Try again in a moment.',
	forTrainers: 'Trainers sign in here with the account of their institute. To follow a course, none is needed.',
	forAll:
		'Sign in with the account of your institute: your work follows you from one machine to the next. To follow a course, you need not.',
	forAllMust: 'On this server people work with the account of their institute, or with a room’s code.',
	signIn: 'Sign in ({provider})',
	toJoin: 'I have a room’s code',
	signedIn: 'You are signed in in this browser: {name}.',
	noName: 'account without a name',
	asTrainer: 'You can lead rooms.',
	toRooms: 'My rooms',
	toProgress: 'My progress',
	signOut: 'Sign out',
	signedOut: 'You are signed out in this browser.',
	elsewhere: 'Sign out of {provider}, too',
};
