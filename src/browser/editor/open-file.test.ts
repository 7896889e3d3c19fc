import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from './drafts.ts';
import { OpenFile, type Seen } from './open-file.ts';

const seen = (text: string | null): Seen => ({ text, mark: text === null ? 'none' : `mark of ${text}` });

test('an untouched text follows the file; an unsaved one never does by itself', () => {
	const file = new OpenFile('a', seen('one'));
	assert.equal(file.seen(seen('one')), 'same');
	assert.equal(file.seen(seen('two')), 'taken');
	assert.deepEqual([file.text, file.mark, file.unsaved], ['two', 'mark of two', false]);
	file.text = 'mine';
	assert.equal(file.seen(seen('three')), 'conflict');
	assert.deepEqual([file.text, file.mark, file.conflict], ['mine', 'mark of two', seen('three')]);
	assert.equal(file.seen(seen('two')), 'same', 'it is as it was: there is nothing to ask any more');
	assert.equal(file.conflict, undefined);
});

test('a conflict is settled by a choice, or by both being the same', () => {
	const conflicted = () => {
		const file = new OpenFile('a', seen('one'));
		file.text = 'mine';
		file.seen(seen('theirs'));
		return file;
	};
	const mine = conflicted();
	mine.prefer();
	assert.deepEqual([mine.text, mine.mark, mine.conflict, mine.unsaved], ['mine', 'mark of theirs', undefined, true]);
	mine.saved(seen('mine'));
	assert.equal(mine.unsaved, false);
	const theirs = conflicted();
	theirs.takeOver(seen('theirs'));
	assert.deepEqual([theirs.text, theirs.unsaved, theirs.conflict], ['theirs', false, undefined]);
	const same = conflicted();
	assert.equal(same.seen(seen('mine')), 'same', 'a saving whose answer was lost');
	assert.deepEqual([same.unsaved, same.conflict], [false, undefined]);
});

test('what is typed while a text is being saved stays unsaved', () => {
	const file = new OpenFile('a', seen('one'));
	file.text = 'two';
	const written = seen(file.text);
	file.text = 'two and';
	file.saved(written);
	assert.deepEqual([file.unsaved, file.mark], [true, 'mark of two']);
});

test('a file that is gone leaves its text, to be saved anew; an empty new file is unsaved', () => {
	const file = new OpenFile('a', seen('one'));
	assert.equal(file.seen(seen(null)), 'gone');
	assert.deepEqual([file.text, file.mark, file.unsaved], ['one', 'none', true]);
	assert.equal(new OpenFile('new', seen(null)).unsaved, true);
});

test('a draft goes on where it began, or is a conflict when the file has changed since', () => {
	const draft = { path: 'a', text: 'mine', mark: 'mark of one' };
	const same = new OpenFile('a', seen('one'), draft);
	assert.deepEqual([same.text, same.unsaved, same.conflict], ['mine', true, undefined]);
	const changed = new OpenFile('a', seen('two'), draft);
	assert.deepEqual([changed.text, changed.unsaved, changed.conflict], ['mine', true, seen('two')]);
	assert.deepEqual(changed.draft, draft, 'kept again, it is the same draft');
	const done = new OpenFile('a', seen('mine'), draft);
	assert.deepEqual([done.unsaved, done.conflict], [false, undefined]);
	const gone = new OpenFile('a', seen(null), draft);
	assert.deepEqual([gone.text, gone.mark, gone.unsaved, gone.conflict], ['mine', 'none', true, undefined]);
});

/** A browser's storage with room for so many characters. */
function storage(room = 1000) {
	const kept = new Map<string, string>();
	return {
		get length() {
			return kept.size;
		},
		key: (index: number) => [...kept.keys()][index] ?? null,
		getItem: (key: string) => kept.get(key) ?? null,
		removeItem: (key: string) => void kept.delete(key),
		setItem: (key: string, value: string) => {
			if (value.length > room) throw new Error('QuotaExceededError');
			kept.set(key, value);
		},
	};
}

test('drafts are of one learner and lesson, and go when the text is saved', () => {
	const store = storage();
	const drafts = new Drafts('anna c/l', () => store);
	const file = new OpenFile('sub/a b', seen('one'));
	file.text = 'mine';
	assert.equal(drafts.keep(file), true);
	store.setItem('etabli-draft anna c/l broken', 'no JSON');
	assert.deepEqual(drafts.all(), [file.draft]);
	assert.deepEqual(new Drafts('ben c/l', () => store).all(), []);
	file.saved(seen('mine'));
	assert.equal(drafts.keep(file), true);
	assert.deepEqual(drafts.all(), []);
});

test('a browser that keeps nothing says so', () => {
	const file = new OpenFile('a', seen('one'));
	file.text = 'mine';
	assert.equal(new Drafts('anna', () => storage(3)).keep(file), false);
	const forbidden = new Drafts('anna', () => {
		throw new Error('SecurityError');
	});
	assert.equal(forbidden.keep(file), false);
	assert.deepEqual(forbidden.all(), []);
});
