/** Everything a browser complains of: errors and warnings in the console, exceptions, broken content policy. */
import type { BrowserContext } from '@playwright/test';

/** Of the machine the tests run on, not of the page: it has no graphics card, and is slow. The last is xterm.js's own. */
const ofTheMachine = /GPU stall due to ReadPixels|WebGL.*(fallback|software)|GL Driver Message|task queue exceeded allotted deadline/i;

export class Complaints {
	readonly #heard: string[] = [];
	readonly #expected: RegExp[] = [];
	#over = false;

	listenTo(context: BrowserContext): void {
		context.on('console', (message) => {
			if (['error', 'warning'].includes(message.type())) this.#hear(`${message.type()}: ${message.text()} (${message.location().url})`);
		});
		context.on('weberror', (error) => this.#hear(`exception: ${error.error().stack ?? error.error()}`));
	}

	#hear(text: string): void {
		if (!this.#over) this.#heard.push(text);
	}

	/** Nothing from now on counts. */
	stop(): void {
		this.#over = true;
	}

	/** What the test provokes on purpose. */
	expect(...patterns: RegExp[]): void {
		this.#expected.push(...patterns);
	}

	/** @throws Error with what was heard and is not expected */
	judge(): void {
		const others = this.#heard.filter((text) => ![ofTheMachine, ...this.#expected].some((pattern) => pattern.test(text)));
		if (others.length > 0) throw new Error(`The browser complained:\n${others.join('\n')}`);
	}
}
