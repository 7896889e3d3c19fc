/** A server with no engine: every lesson reads well, and pages say in a sentence why there is no sandbox. */

import type { Language } from '../../src/shared/language.ts';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { bareLab, type Lab } from './lab.ts';
import type { ErasedLabs, Glance, GlancedLabs, Labs, LiveLabs } from './ports.ts';
import { reasons } from './reasons.ts';

export class ReadingMode implements Labs, LiveLabs, GlancedLabs, ErasedLabs {
	readonly of = bareLab;

	report(_lab: Lab, language: Language): SandboxReport {
		return { state: 'unavailable', reason: reasons.readingMode()[language] };
	}
	start(): void {
		throw new Refusal('engine-away', 'reading mode');
	}
	extend(): void {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	async takeHome(): Promise<never> {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	async end(): Promise<void> {}
	async reset(): Promise<void> {
		throw new Refusal('engine-away', 'reading mode');
	}
	async resetLesson(): Promise<void> {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	lines(): never {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	async terminal(): Promise<never> {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	showTerminal(): never {
		throw new Refusal('engine-away');
	}
	lendTerminal(): never {
		return this.peekTerminal();
	}
	peekTerminal(): never {
		throw new Refusal('no-sandbox', 'reading mode');
	}
	cluster(): undefined {}
	active(): void {}
	glance(): Glance {
		return { state: 'none', pages: 0 };
	}
	isUsed(): boolean {
		return false;
	}
	async clear(): Promise<void> {}
	forget(): void {}
	enter(): () => void {
		return () => {};
	}
	subscribe(): () => void {
		return () => {};
	}
}
