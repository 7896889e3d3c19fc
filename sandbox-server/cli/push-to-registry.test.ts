import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesText } from './push-all-images.ts';
import { digestIn, loginOf } from './push-to-registry.ts';

test('who may push is known from where docker login and podman login have put it', () => {
	const auth = Buffer.from('me:pass:word').toString('base64');
	const docker = JSON.stringify({ auths: { 'https://registry.example.org': { auth } }, credsStore: 'none' });
	const podman = JSON.stringify({ auths: { 'localhost:5000': { auth } } });
	assert.deepEqual(loginOf('registry.example.org', [docker, podman]), { username: 'me', password: 'pass:word' });
	assert.deepEqual(loginOf('localhost:5000', [docker, podman]), { username: 'me', password: 'pass:word' });
	assert.equal(loginOf('elsewhere.example.org', ['', docker, podman, '{}']), undefined);
	assert.equal(loginOf('registry.example.org', [docker], false), undefined, 'one for https, in clear');
});

test('the digest is what engines say at the end of a push', () => {
	const digest = `sha256:${'0a'.repeat(32)}`;
	assert.equal(digestIn(`3f0c2b1a: digest: ${digest} size: 1234`), digest);
	assert.equal(digestIn('5f70bf18a086: Pushed'), undefined);
});

test('the values name each image, and no registry where no course has one', () => {
	const text = valuesText({ server: 'r/s@1', nodeAgent: 'r/n@2', registry: undefined, courses: { demo: 'r/d@3' } });
	assert.match(text, /^# Written by /);
	assert.match(
		text,
		/server:\n {2}image: r\/s@1\n {2}registry:\n {4}image: ""\nnodeAgent:\n {2}image: r\/n@2\nsandboxes:\n {2}images:\n {4}demo: r\/d@3\n$/,
	);
});
