/**
 * A sentence for whoever is at a prompt: the shell reads it before its next one (guest/bashrc). So it never comes into a program that has
 * the screen, it is part of the shell's own output (the same for every viewer, and in every replay), and nobody needs to know where the
 * cursor is. The page shows the same sentence above the terminal at once.
 */
import { languages, type Text } from '../../src/shared/language.ts';
import { SerialQueue } from '../platform/serial-queue.ts';
import type { Transport } from '../runtimes/transport.ts';

export interface PostedNotice {
	/** A shell says a notice once; another key makes it another notice. */
	key: string;
	/** When it has no meaning any more, ms since 1970. `{minutes}` of the text is the time until then, as it is when it is read. */
	ends: number;
	text: Text;
}

const fileOf = (language: string): string => `notice.${language}`;

/** What is said at the next prompts of one sandbox: what was said last, however long it takes to get there. */
export class PostedNotices {
	readonly #transport: Transport;
	readonly #order = new SerialQueue();

	constructor(transport: Transport) {
		this.#transport = transport;
	}

	/** @param notice undefined: what was said does not hold any more @throws Error of the system */
	async say(notice: PostedNotice | undefined): Promise<void> {
		await this.#order.run(() => (notice ? this.#post(notice) : this.#withdraw()));
	}

	async #post({ key, ends, text }: PostedNotice): Promise<void> {
		for (const language of languages) {
			const words = text[language].replaceAll(/\s+/g, ' ');
			await this.#transport.put(fileOf(language), `${key}\n${Math.floor(ends / 1000)}\n${words}\n`);
		}
	}

	async #withdraw(): Promise<void> {
		for (const language of languages) await this.#transport.withdraw(fileOf(language));
	}
}
