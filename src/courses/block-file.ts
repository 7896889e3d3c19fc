/** Texts of blocks that stand once for both languages, in the lesson's folder "blocks" (docs/author/format.md). */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../shared/language.ts';
import { nearest } from '../shared/nearest.ts';
import { readCourseFile } from './course-file.ts';

/** {{fr: Bonjour | en: Hello}} */
const form = /\{\{\s*fr:((?:(?!\}\}).)*?)\|\s*en:((?:(?!\}\}).)*?)\}\}/g;

/** The text in a language: of each {{fr: … | en: …}} only that part is left, without the blanks around it. */
export function inLanguage(text: string, language: Language): string {
	return text.replace(form, (_, fr: string, en: string) => (language === 'fr' ? fr : en).trim());
}

/** Line (from 1) of a form that has been begun and is none; undefined when there is no such line. */
export function brokenForm(text: string): number | undefined {
	const at = text
		.replace(form, '')
		.split('\n')
		.findIndex((line) => /\{\{\s*(fr|en)\s*:/.test(line));
	return at < 0 ? undefined : at + 1;
}

export type BlockFile = { text: string } | { what: string; remedy: string };

/**
 * @param folder of the lesson; @param from "blocks/build.sh"
 * @returns the block's text in that language, without the end of its last line, or what is wrong with the file
 */
export function readBlockFile(folder: string, from: string, language: Language): BlockFile {
	const path = join(folder, from);
	const read = readCourseFile(path);
	if (!read) {
		const there = blockFiles(folder);
		const meant = nearest(from, there) ?? there[0];
		return {
			what: `There is no file ${from} in the lesson’s folder.`,
			remedy: meant ? `Write from=${meant}, or make the file.` : 'Make the file.',
		};
	}
	if ('fault' in read) return { what: `${from}: ${read.fault.what}`, remedy: read.fault.remedy };
	const text = read.text.replaceAll('\r\n', '\n').replace(/\n+$/, '');
	const broken = brokenForm(text);
	if (broken !== undefined) {
		return {
			what: `Line ${broken} of ${from} begins a text for each language and does not end it.`,
			remedy: 'Write both on one line, French first: {{fr: Bonjour | en: Hello}}.',
		};
	}
	return { text: inLanguage(text, language) };
}

/** "blocks/build.sh" and so on, of what is there. */
export function blockFiles(folder: string): string[] {
	const blocks = join(folder, 'blocks');
	if (!existsSync(blocks)) return [];
	return readdirSync(blocks)
		.filter((name) => !name.startsWith('.'))
		.sort()
		.map((name) => `blocks/${name}`);
}
