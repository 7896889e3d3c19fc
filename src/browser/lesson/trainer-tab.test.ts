import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendeeEn as t } from '../../i18n/attendee-en.ts';
import { type Presenter, TrainerTab, type TrainerView } from './trainer-tab.ts';

/** @param load what is waited for before a tab can be made */
function tab(load = Promise.resolve()) {
	const did: string[] = [];
	const make = ({ by, lent }: Presenter): TrainerView => {
		const note = (what: string) => () => void did.push(`${by} ${what}`);
		const nothing = () => undefined;
		const rest = { shown: nothing, disconnected: nothing, output: nothing, message: nothing };
		const element = undefined as unknown as HTMLElement;
		return {
			by,
			channel: 1,
			name: 'trainer',
			label: lent ? by : t.trainerTab,
			element,
			follow: note('is followed'),
			end: note('ends'),
			...rest,
		};
	};
	const trainer = new TrainerTab({
		load: () => load.then(() => make),
		place: (view) => void did.push(view ? `${view.by} is there` : 'nobody is there'),
		announce: (sentence) => void did.push(sentence),
	});
	return { trainer, did };
}

test('a tab is there while a terminal is shown, which is told once', async () => {
	const { trainer, did } = tab();
	await trainer.take({ by: 'Grace' }, t);
	await trainer.take({ by: 'Grace' }, t);
	await trainer.take(undefined, t);
	const told = 'Grace shows their terminal: tab “Trainer”, beside yours.';
	assert.deepEqual(did, ['Grace is there', told, 'Grace is followed', 'Grace is followed', 'nobody is there', 'Grace ends']);
	assert.equal(trainer.view, undefined);
});

test('another trainer’s terminal has a tab of its own, under their name', async () => {
	const { trainer, did } = tab();
	await trainer.take({ by: 'Grace' }, t);
	did.length = 0;
	await trainer.take({ by: 'Ada' }, t);
	assert.deepEqual([did.slice(0, 3), trainer.view?.by], [['nobody is there', 'Grace ends', 'Ada is there'], 'Ada']);
});

test('what has ended, or is somebody else’s by the time that it is loaded, gets no tab', async () => {
	const loaded = Promise.withResolvers<void>();
	const { trainer, did } = tab(loaded.promise);
	const taken = [trainer.take({ by: 'Grace' }, t), trainer.take(undefined, t)];
	loaded.resolve();
	await Promise.all(taken);
	assert.deepEqual(did, []);
	await Promise.all([trainer.take({ by: 'Grace' }, t), trainer.take({ by: 'Ada' }, t)]);
	assert.deepEqual([did[0], trainer.view?.by], ['Ada is there', 'Ada']);
});
