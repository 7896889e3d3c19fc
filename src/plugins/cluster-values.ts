/**
 * Names of the operator's cluster (src/shared/course/cluster-profile.ts) in a lesson's text, before it is compiled: text and code as if the
 * author had written them, never markup; or placeholders that are seen to be such.
 */
import { isShell } from '../courses/fence.ts';
import { type ClusterProfile, clusterValue, wordOfShell } from '../shared/course/cluster-profile.ts';
import { valuePattern } from '../shared/course/parameters.ts';
import type { Language } from '../shared/language.ts';
import { valueMark } from './learner-values.ts';

/** One block of code, line after line: whether a value has to be quoted follows from what stands before it. */
export class ClusterCode {
	readonly #profile: ClusterProfile | undefined;
	readonly #isShell: boolean;
	#before = '';
	/** The first placeholder that stands in it. */
	placeholder: string | undefined;

	/** @param language of the block: "bash" */
	constructor(profile: ClusterProfile | undefined, language: string) {
		this.#profile = profile;
		this.#isShell = isShell(language);
	}

	/** @param lines the next ones, without the end of the last */
	next(lines: string): string {
		const filled = lines.replace(valuePattern, (whole, name: string, at: number) => {
			const value = clusterValue(name, this.#profile);
			if (!value) return whole;
			const text = this.#isShell ? wordOfShell(name, value.text, this.#before + lines.slice(0, at)) : value.text;
			if (value.given) return text;
			this.placeholder ??= value.text;
			return valueMark(name, text);
		});
		this.#before += `${lines}\n`;
		return filled;
	}
}

const titles: Record<Language, string> = {
	fr: 'À remplacer par le nom qu’il a sur votre cluster.',
	en: 'To be replaced by its name on your cluster.',
};

/** What a page that has placeholders says of them, at its end. @param example one that stands there */
export const placeholderNotes: Record<Language, (example: string) => string> = {
	fr: (example) =>
		`:::note[Les noms de votre cluster]\nLes noms encadrés, comme ${exampleOf(example)}, tiennent lieu de ceux de votre cluster\u00a0: mettez les vôtres à leur place. Qui organise ce cours peut les donner, une fois pour toutes les leçons\u202f; ils seront alors ici.\n:::`,
	en: (example) =>
		`:::note[Your cluster’s names]\nNames with a border, such as ${exampleOf(example)}, stand for those of your cluster: put yours in their place. The organiser of this course can give them, once for all lessons; then they are shown here.\n:::`,
};
const exampleOf = (example: string) => `<span class="value to-fill">${asText(example)}</span>`;

/** Prose of one lesson. */
export class ClusterProse {
	readonly #profile: ClusterProfile | undefined;
	readonly #language: Language;
	/** The first placeholder that stands in it. */
	placeholder: string | undefined;

	constructor(profile: ClusterProfile | undefined, language: Language) {
		this.#profile = profile;
		this.#language = language;
	}

	/** A text with what stands for each name. @param inCode it is inline code */
	fill(text: string, inCode = false): string {
		return text.replace(valuePattern, (whole, name: string) => this.#value(name, inCode) ?? whole);
	}

	/** Tags and written-out text; undefined: that is no such name. An address becomes a link, but in code. */
	#value(name: string, inCode: boolean): string | undefined {
		const value = clusterValue(name, this.#profile);
		if (!value) return undefined;
		if (!value.given) {
			this.placeholder ??= value.text;
			// As text: Markdown would make a link of an address, which leads nowhere.
			return `<span class="value to-fill" title="${titles[this.#language]}">${asText(value.text)}</span>`;
		}
		const address = inCode ? undefined : addressOf(name, value.text);
		return address === undefined ? asText(value.text) : `<a href={${asJson(address)}}>${asText(value.text)}</a>`;
	}
}

/** Where a value leads to. */
function addressOf(name: string, text: string): string | undefined {
	if (name !== 'cluster.documentation' && name !== 'cluster.support') return undefined;
	return text.includes('://') ? text : `mailto:${text}`;
}

/** A value that is written out (lesson-data.ts): text, whatever it holds, in a table's cell too. */
const asText = (text: string): string => `{${asJson(text)}}`;
const asJson = (text: string): string =>
	`"${text.replace(/[^A-Za-z0-9 .,:/@_-]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
