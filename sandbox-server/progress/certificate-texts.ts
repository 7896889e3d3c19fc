/** What certificates say, in both languages; `{name}` is filled in by `fill`. */
import type { Text } from '../../src/shared/language.ts';

export const certificateTexts = {
	title: { fr: 'Attestation de fin de cours', en: 'Certificate of completion' },
	awarded: { fr: 'Délivrée à', en: 'Awarded to' },
	for: { fr: 'qui a réussi toutes les étapes du cours', en: 'who has passed every step of the course' },
	// True of one step in one lesson too.
	facts: {
		fr: 'Étapes vérifiées : {steps} (leçons : {lessons}). Temps de travail compté : {time}.',
		en: 'Steps checked: {steps} (lessons: {lessons}). Time worked, as it was counted: {time}.',
	},
	issued: { fr: 'Délivrée le {when}', en: 'Issued on {when}' },
	code: { fr: 'Code de vérification : {code}', en: 'Verification code: {code}' },
	verify: { fr: 'Vérifier cette attestation :', en: 'Verify this certificate:' },
	qr: { fr: 'Code QR de l’adresse où cette attestation se vérifie', en: 'QR code of the address where this certificate is verified' },
	honest: {
		fr: 'Le nom est celui que la personne a donné ; son identité n’a pas été vérifiée. Les étapes ont été vérifiées par le serveur, dans un environnement réel et sous le compte de la personne : c’est un apprentissage, pas un examen. Le temps est un minimum : les pauses de plus de dix minutes n’y sont pas.',
		en: 'The name is the one that the person gave; their identity has not been checked. The steps were checked by the server, in a real environment and under the person’s own account: this is training, not an examination. The time is a minimum: pauses of more than ten minutes are not in it.',
	},
	criteria: {
		fr: 'Toutes les étapes du cours sont réussies ; le serveur les vérifie une à une dans l’environnement où la personne travaille.',
		en: 'Every step of the course is passed; the server checks each of them in the environment in which the person works.',
	},
	file: { fr: 'attestation', en: 'certificate' },
} as const satisfies Record<string, Text>;
