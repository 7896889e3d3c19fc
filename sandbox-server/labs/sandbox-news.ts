/** What a sandbox says of itself, passed on as what happens to the lab that it is for. */
import type { NoticeCode } from '../../src/shared/protocol/notices.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { VitalsReader } from '../sandboxes/vitals.ts';
import type { LabBook } from './lab-book.ts';

interface Parts {
	book: LabBook;
	clock: Clock;
	log: Log;
	/** One of its shells has printed its first output. */
	prompted: (sandbox: Sandbox) => void;
	/** What its terminals showed is to be recorded. Never rejects. */
	record: (sandbox: Sandbox) => Promise<void>;
}

/** From now on. */
export function passOn(sandbox: Sandbox, { book, clock, log, prompted, record }: Parts): void {
	const vitals = new VitalsReader();
	const tell = (code: NoticeCode, values: Record<string, string> = {}) => {
		const lab = book.meantBy(sandbox);
		if (lab) book.emit('notice', lab, code, values);
	};
	sandbox.listener = {
		changed: () => {
			const lab = book.having(sandbox);
			if (lab) book.changed(lab);
		},
		vitals: (sign) => {
			for (const { code, values } of vitals.read(sign, clock.now())) tell(code, values);
			const lab = book.meantBy(sandbox);
			for (const code of vitals.over()) if (lab) book.emit('eased', lab, code);
		},
		setupFailed: () => tell('setup-failed'),
		storeFull: (error) => {
			log.error({ sandbox: sandbox.name, err: error }, 'the disk of the data folder is full: nothing can be stored until there is room');
			tell('server-full');
		},
		closing: () => record(sandbox),
		prompted: () => prompted(sandbox),
		jobEnded: (lesson) => {
			const lab = book.meantBy(sandbox);
			if (lab) book.emit('jobEnded', lab, lesson);
		},
		clusterSeen: (view) => {
			const lab = book.having(sandbox);
			if (lab) book.emit('clusterSeen', lab, view);
		},
		commandEnded: (lesson, ms) => {
			const lab = book.meantBy(sandbox);
			if (lab) book.emit('commandEnded', lab, lesson, ms);
		},
	};
}
