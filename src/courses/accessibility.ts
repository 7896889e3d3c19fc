/**
 * The statement of accessibility that French law asks of public sites (loi n° 2005-102, article 47; RGAA 4.1.2), from what the operator says of
 * an audit. Without an audit a site counts as not conforming: the tests of the project find faults, they do not show conformity.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Language, textSchema } from '../shared/language.ts';
import { formatProblems } from './problem.ts';
import { parseYaml } from './yaml-file.ts';

const isPast = (text: string) => !Number.isNaN(Date.parse(text)) && Date.parse(text) <= Date.now();

/** File that `--accessibility` names. */
const accessibilitySchema = z.strictObject({
	/** Who answers for the site, as it is to be read. */
	organisation: z.string().trim().min(1),
	/** An address for mail, or a page. */
	contact: z.union([z.email(), z.url({ protocol: /^https?$/ })]),
	/** The multi-annual scheme that public bodies publish: a page. */
	scheme: z.url({ protocol: /^https?$/ }).optional(),
	/** Left out: there was none. */
	audit: z
		.strictObject({
			date: z.iso.date().refine(isPast, 'is a day that has been'),
			by: z.string().trim().min(1),
			/** Per cent of the criteria that apply which are met. */
			rate: z.number().min(0).max(100),
		})
		.optional(),
	/** What the audit found not to be accessible, besides what is known of every Établi. */
	exceptions: z.array(textSchema).default([]),
});

/** Of the program that looks for faults in every version; a test holds it to the one that is installed. */
export const axeVersion = '4.14';

/** A date as it is read: "1er octobre 2026", "1 October 2026". */
export function day(date: string, language: Language): string {
	const text = new Date(`${date}T12:00:00Z`).toLocaleDateString(language === 'fr' ? 'fr' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' });
	return language === 'fr' ? text.replace(/^1 /, '1er ') : text;
}

export type Accessibility = z.infer<typeof accessibilitySchema>;

export type Conformity = 'full' | 'partial' | 'none';

/** As RGAA has it: all criteria, half of them or more, less; none also without an audit. */
export function conformityOf(accessibility: Accessibility | undefined): Conformity {
	const rate = accessibility?.audit?.rate ?? 0;
	return rate === 100 ? 'full' : rate >= 50 ? 'partial' : 'none';
}

/** @throws Error with every mistake in the file, line by line */
export function readAccessibility(path: string): Accessibility {
	const { value, problems } = parseYaml(path, readFileSync(path, 'utf8'), accessibilitySchema);
	if (!value) throw new Error(formatProblems(problems));
	return value;
}
