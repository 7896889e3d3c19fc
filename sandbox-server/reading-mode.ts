/** A server with no engine: every lesson reads well, and pages say in a sentence why there is no bench. */
import type { SandboxReport } from '../src/shared/api.ts';
import { PublicError } from '../src/shared/errors.ts';
import type { Language, Text } from '../src/shared/language.ts';
import type { Benches } from './http/deps.ts';
import type { LiveSandboxes } from './live/deps.ts';
import type { LearnerRow } from './store/store.ts';

const reason: Text = {
	fr: 'Ce serveur est en mode lecture : il n’a pas de moteur de conteneurs, donc pas d’établi.',
	en: 'This server is in reading mode: it has no container engine, hence no bench.',
};

export class ReadingMode implements Benches, LiveSandboxes {
	report(_learner: LearnerRow, _course: string, language: Language): SandboxReport {
		return { state: 'unavailable', reason: reason[language] };
	}
	start(): void {
		throw new PublicError('engine-away', 'reading mode');
	}
	extend(): void {
		throw new PublicError('no-sandbox', 'reading mode');
	}
	async takeHome(): Promise<never> {
		throw new PublicError('no-sandbox', 'reading mode');
	}
	async end(): Promise<void> {}
	async reset(): Promise<void> {
		throw new PublicError('engine-away', 'reading mode');
	}
	async resetLesson(): Promise<void> {
		throw new PublicError('no-sandbox', 'reading mode');
	}
	async terminal(): Promise<never> {
		throw new PublicError('no-sandbox', 'reading mode');
	}
	enter(): () => void {
		return () => {};
	}
	subscribe(): () => void {
		return () => {};
	}
}
