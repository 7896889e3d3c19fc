/** Certificates: getting one on the page of one's progress, and verifying one. In French; certificate-en.ts has the same keys. */
export const certificateFr = {
	// on the page of progress
	heading: 'Attestation',
	intro: 'Vous avez réussi toutes les étapes de ce cours. Une attestation le dit, avec un code que chacun peut vérifier sur ce site.',
	nameLabel: 'Votre nom, tel qu’il doit y figurer',
	nameOfAccount: 'C’est le nom de votre compte : l’attestation est à ce nom. Il est gardé sur ce serveur, et montré à qui a le code.',
	nameHelp: '40 lettres au plus. Il est gardé sur ce serveur, et montré à qui a le code.',
	nameMissing: 'Écrivez votre nom.',
	get: 'Obtenir mon attestation',
	issued: 'Délivrée le {when}, au nom de {name}.',
	codeIs: 'Code : {code}',
	pdfFr: 'PDF en français',
	pdfEn: 'PDF en anglais',
	badge: 'Open Badge 3.0 (JWT)',
	toVerify: 'Ce que voit qui la vérifie',
	change: 'Changer le nom…',
	changeText: 'La nouvelle attestation aura un autre code ; celui-ci ne vaudra plus rien.',
	cancel: 'Laisser telle quelle',
	withdraw: 'Retirer l’attestation…',
	withdrawText: 'Le nom est effacé de ce serveur, et le code ne vaut plus rien. Votre progression reste.',
	withdrawYes: 'Retirer et effacer',
	gotIt: 'Votre attestation est prête.',
	withdrawn: 'L’attestation est retirée.',
	failed: 'La demande n’est pas passée : vérifiez la connexion et réessayez.',

	// where it is verified
	title: 'Vérifier une attestation',
	verifyIntro: 'Une attestation de fin de cours délivrée par ce site porte un code : cinq groupes de quatre lettres et chiffres.',
	noScript: 'Cette page a besoin de JavaScript.',
	codeLabel: 'Code de l’attestation',
	codeHelp: 'Majuscules ou minuscules, avec ou sans tirets, peu importe.',
	codeMissing: 'Écrivez le code de l’attestation.',
	verify: 'Vérifier',
	verifying: 'Recherche du code…',
	valid: 'Cette attestation est authentique',
	name: 'Nom',
	course: 'Cours',
	when: 'Délivrée le',
	steps: 'Étapes réussies',
	stepsIn: '{steps} (leçons : {lessons})',
	time: 'Temps compté',
	code: 'Code',
	honest:
		'Ce serveur a vérifié les étapes. Le nom est celui que la personne a donné : son identité n’a pas été vérifiée. Le temps est un minimum, sans les pauses de plus de dix minutes. Comparez ces lignes avec le document que vous avez : ce sont elles qui font foi.',
};

export type CertificateStrings = Record<keyof typeof certificateFr, string>;
