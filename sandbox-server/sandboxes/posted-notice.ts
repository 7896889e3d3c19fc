/**
 * A sentence for whoever is at a prompt: the shell reads it before its next one (guest/bashrc). So it never comes into a program that has
 * the screen, it is part of the shell's own output (the same for every viewer, and in every replay), and nobody needs to know where the
 * cursor is. The page shows the same sentence above the terminal at once.
 */
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languages, type Text } from '../../src/shared/language.ts';

export interface PostedNotice {
	/** A shell says a notice once; another key makes it another notice. */
	key: string;
	/** When it has no meaning any more, ms since 1970. `{minutes}` of the text is the time until then, as it is when it is read. */
	ends: number;
	text: Text;
}

const pathOf = (folder: string, language: string): string => join(folder, `notice.${language}`);

/** @param folder the sandbox's, mounted read-only at /run/etabli. @throws Error of the file system */
export async function postNotice(folder: string, { key, ends, text }: PostedNotice): Promise<void> {
	for (const language of languages) {
		const path = pathOf(folder, language);
		const words = text[language].replaceAll(/\s+/g, ' ');
		await writeFile(`${path}.new`, `${key}\n${Math.floor(ends / 1000)}\n${words}\n`);
		// The learner is another user than the server, whatever its umask.
		await chmod(`${path}.new`, 0o644);
		// Whole or not at all: a shell may be reading.
		await rename(`${path}.new`, path);
	}
}

/** It does not hold any more. Done when there is none. @throws Error of the file system */
export async function withdrawNotice(folder: string): Promise<void> {
	for (const language of languages) await rm(pathOf(folder, language), { force: true });
}
