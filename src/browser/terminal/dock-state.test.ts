import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from '../../i18n/en.ts';
import { fr } from '../../i18n/fr.ts';
import { sandboxStates } from '../../shared/protocol/api.ts';
import { dockView, endWarning } from './dock-state.ts';

test('every state of the sandbox has words of its own, in both languages', () => {
	for (const t of [fr, en]) {
		const sentences = sandboxStates.map((state) => dockView({ kind: 'open' }, { state, place: 1 }, t).sentence);
		assert.equal(new Set(sentences).size, sandboxStates.length);
		assert.ok(sentences.every((sentence) => sentence && !sentence.includes('{')));
	}
});

test('before anybody has asked, nothing is said of a lab that may be running', () => {
	assert.equal(dockView({ kind: 'closed' }, undefined, en).sentence, en.stateNoneText);
});

test('a queue names the place and the wait', () => {
	const view = dockView({ kind: 'open' }, { state: 'queued', place: 3, wait: 130 }, en);
	assert.match(view.sentence, /place 3/);
	assert.match(view.text ?? '', /about 3 min/);
	assert.doesNotMatch(dockView({ kind: 'open' }, { state: 'queued', place: 1 }, en).text ?? '', /\{|about/);
});

test('a lost connection says when it tries again, whatever the sandbox did before', () => {
	const view = dockView({ kind: 'waiting', seconds: 4 }, { state: 'ready' }, en);
	assert.match(view.sentence, /4 s/);
	assert.equal(view.action?.does, 'retry');
});

test('what keeps a connection from being made is told, with what to ask for; without a connection none is lost', () => {
	assert.equal(
		dockView({ kind: 'waiting', seconds: 4, never: true }, undefined, en).sentence,
		'The server does not answer yet. Trying again in 4 s.',
	);
	for (const [hurdle, words, asked] of [
		['sockets', /WebSocket/, /autoris/i],
		['cookies', /cookies/, /autoris/i],
		['address', /adresse/, /--public-url/],
	] as const) {
		const view = dockView({ kind: 'waiting', seconds: 4, never: true, hurdle }, undefined, fr);
		assert.match(view.sentence, words);
		assert.match(view.text ?? '', asked);
		assert.equal(view.action?.does, 'retry');
	}
});

test('a lost sandbox gives its reason and a way on', () => {
	const view = dockView({ kind: 'open' }, { state: 'lost', reason: 'Memory ran out.' }, en);
	assert.equal(view.text, 'Memory ran out.');
	assert.equal(view.action?.does, 'start');
});

test('who comes back is told that the files are there, and from when', () => {
	const kept = Date.UTC(2026, 0, 31, 12);
	const idle = { state: 'none', reason: 'Put away.', kept } as const;
	assert.match(dockView({ kind: 'open' }, idle, en).text ?? '', /^Put away\. Your files, kept on 31 January 2026.*, will be there\.$/);
	assert.match(dockView({ kind: 'open' }, { state: 'lost', kept }, fr).text ?? '', /gardés le 31 janvier 2026/);
});

test('the end is announced in its last quarter of an hour', () => {
	assert.equal(endWarning({ state: 'ready', ends: 20 * 60_000 }, 0, en), undefined);
	assert.match(endWarning({ state: 'ready', ends: 9.5 * 60_000 }, 0, en) ?? '', /10 min/);
	assert.equal(endWarning({ state: 'lost', ends: 60_000 }, 0, en), undefined);
});
