/** The code blocks of a lesson's text with what is to be done with each, their texts fetched from where they stand. */
import { type Language, languages } from '../shared/language.ts';
import { readBlockFile } from './block-file.ts';
import { type Fence, type Intent, readFence } from './fence.ts';
import { type CodeBlock, readLines, splitHead } from './lesson-lines.ts';

export interface LessonBlock extends CodeBlock {
	intent: Intent;
	from: string | undefined;
	faults: Fence['faults'];
}

/** A block's text as the page has it: empty lines around it are left out. What goes into a file is to be the same by every way. */
export const withoutEmptyEnds = (text: string): string => text.replace(/^(?:[ \t]*\n)+|(?:\n[ \t]*)+$/g, '');

/** @param folder of the lesson, undefined when blocks in files cannot be looked at; @param language whose texts are taken of them */
export function readBlock(block: CodeBlock, folder: string | undefined, language: Language): LessonBlock {
	const { intent, from, faults } = readFence(block.language, block.meta);
	const trimmed = (text: string) => (intent.kind === 'file' ? withoutEmptyEnds(text) : text);
	const read: LessonBlock = { ...block, text: trimmed(block.text), intent, from, faults };
	if (from === undefined || folder === undefined || faults.length > 0) return read;
	if (block.text.trim() !== '') {
		const remedy = `Leave the block empty, or take "from=${from}" away.`;
		return { ...read, faults: [{ what: `The block has a text of its own besides that of ${from}.`, remedy }] };
	}
	const file = readBlockFile(folder, from, language);
	return 'text' in file ? { ...read, text: trimmed(file.text) } : { ...read, faults: [file] };
}

/** Of "…/fr.mdx". */
export const languageOfText = (file: string): Language => languages.find((language) => file.endsWith(`${language}.mdx`)) ?? 'fr';

/** Something that a lesson's text lets its reader do, or see done. */
export type PlayBlock = LessonBlock & { intent: Exclude<Intent, { kind: 'read' | 'open' | 'no-run' }> };

const isPlayed = (block: LessonBlock): block is PlayBlock => ['run', 'file', 'output'].includes(block.intent.kind);

/**
 * What each step asks to be done, in order: what is run and put in place, and the outputs that are compared.
 * @param text of fr.mdx or en.mdx
 * @returns by step id; steps that ask nothing are not in it
 */
export function playBlocksOf(text: string, folder: string | undefined, language: Language): Map<string, PlayBlock[]> {
	const parts = splitHead(text);
	const found = new Map<string, PlayBlock[]>();
	for (const raw of parts ? readLines(parts.body, parts.bodyLine).blocks : []) {
		const block = readBlock(raw, folder, language);
		if (block.step === undefined || !isPlayed(block)) continue;
		if (block.intent.kind === 'output' && !block.intent.compare) continue;
		found.set(block.step, [...(found.get(block.step) ?? []), block]);
	}
	return found;
}
