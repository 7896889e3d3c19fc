import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type Identity } from './rules.ts';

const who: Identity = { learner: 'learner-7f3a9c', course: 'tp', images: ['lolcow', 'tools/busybox'] };
const digest = `sha256:${'a'.repeat(64)}`;
const uuid = '01234567-89ab-cdef-0123-456789abcdef';
const verdict = (method: string, target: string): string | number => {
	const decision = decide(method, target, who);
	return decision.kind === 'refuse' ? decision.status : decision.kind === 'pass' ? decision.path : 'answer';
};

test('images of the course can be read, by their own names', () => {
	assert.equal(verdict('GET', '/v2/lolcow/manifests/1.0'), '/v2/courses/tp/lolcow/manifests/1.0');
	assert.equal(verdict('HEAD', `/v2/tools/busybox/manifests/${digest}`), `/v2/courses/tp/tools/busybox/manifests/${digest}`);
	assert.equal(verdict('GET', `/v2/lolcow/blobs/${digest}`), `/v2/courses/tp/lolcow/blobs/${digest}`);
	assert.equal(verdict('GET', '/v2/lolcow/tags/list?n=5&evil=1'), '/v2/courses/tp/lolcow/tags/list?n=5');
});

test('one’s own name can be read and written', () => {
	const own = '/v2/learner-7f3a9c/my/tool';
	assert.equal(verdict('GET', `${own}/manifests/1`), `${own}/manifests/1`);
	assert.equal(verdict('PUT', `${own}/manifests/1`), `${own}/manifests/1`);
	assert.equal(verdict('POST', `${own}/blobs/uploads/`), `${own}/blobs/uploads/`);
	assert.equal(verdict('PATCH', `${own}/blobs/uploads/${uuid}?_state=abc_-=`), `${own}/blobs/uploads/${uuid}?_state=abc_-%3D`);
	assert.equal(
		verdict('PUT', `${own}/blobs/uploads/${uuid}?_state=abc&digest=${digest}`),
		`${own}/blobs/uploads/${uuid}?_state=abc&digest=${encodeURIComponent(digest)}`,
	);
	assert.equal(verdict('GET', `${own}/blobs/uploads/${uuid}?_state=abc`), `${own}/blobs/uploads/${uuid}?_state=abc`);
});

test('the list of names holds the course’s images and nobody else', () => {
	assert.deepEqual(decide('GET', '/v2/_catalog', who), { kind: 'answer', body: { repositories: ['lolcow', 'tools/busybox'] } });
	assert.equal(verdict('GET', '/v2/'), 'answer');
});

test('nobody writes to the course’s images or to another learner’s name', () => {
	for (const name of ['lolcow', 'learner-000000/x', 'learner-7f3a9c', 'learner-7f3a9cc/x', 'courses/tp/lolcow', 'other']) {
		assert.equal(verdict('POST', `/v2/${name}/blobs/uploads/`), 403, name);
		assert.equal(verdict('PUT', `/v2/${name}/manifests/1`), 403, name);
		assert.equal(verdict('PATCH', `/v2/${name}/blobs/uploads/${uuid}`), 403, name);
	}
});

test('other learners’ images are unknown, and so are the registry’s inner names', () => {
	for (const name of ['learner-000000/x', 'courses/tp/lolcow', 'courses/other/secret', 'learner-7f3a9c']) {
		assert.equal(verdict('GET', `/v2/${name}/manifests/1`), 404, name);
		assert.equal(verdict('GET', `/v2/${name}/blobs/${digest}`), 404, name);
		assert.equal(verdict('HEAD', `/v2/${name}/tags/list`), 404, name);
	}
});

test('nothing is deleted, and no other method passes', () => {
	for (const path of ['lolcow/manifests/1', `learner-7f3a9c/x/manifests/${digest}`, `learner-7f3a9c/x/blobs/uploads/${uuid}`]) {
		for (const method of ['DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'delete', ''])
			assert.equal(verdict(method, `/v2/${path}`), 405, `${method} ${path}`);
	}
	assert.equal(verdict('POST', '/v2/'), 405);
	assert.equal(verdict('DELETE', '/v2/_catalog'), 405);
});

test('a blob is taken over only from where one may read; otherwise an ordinary upload begins', () => {
	const begin = '/v2/learner-7f3a9c/x/blobs/uploads/';
	assert.equal(
		verdict('POST', `${begin}?mount=${digest}&from=lolcow`),
		`${begin}?${new URLSearchParams({ mount: digest, from: 'courses/tp/lolcow' })}`,
	);
	assert.equal(
		verdict('POST', `${begin}?mount=${digest}&from=learner-7f3a9c/y`),
		`${begin}?${new URLSearchParams({ mount: digest, from: 'learner-7f3a9c/y' })}`,
	);
	for (const from of ['learner-000000/y', 'courses/other/secret', 'courses/tp/lolcow', '../x', ''])
		assert.equal(verdict('POST', `${begin}?mount=${digest}&from=${from}`), begin, from);
	assert.equal(verdict('POST', `${begin}?mount=${digest}`), begin);
	assert.equal(verdict('POST', `${begin}?from=lolcow`), begin);
});

test('hostile request lines are refused before anything is looked up', () => {
	const own = '/v2/learner-7f3a9c';
	for (const target of [
		`${own}/../learner-000000/x/manifests/1`,
		`${own}/./x/manifests/1`,
		`${own}/x//manifests/1`,
		`${own}/%2e%2e/learner-000000/x/manifests/1`,
		`${own}%2fx/manifests/1`,
		`${own}/x/manifests/1%00`,
		`${own}/x/manifests/1#f`,
		`${own}/x\\..\\y/manifests/1`,
		`${own}/x/manifests/1?a?b`,
		`${own}/x/manifests/1 HTTP/1.1`,
		`${own}/x/manifests/é`,
		`${own}/x/manifests/1\r\nx: y`,
		'http://elsewhere/v2/lolcow/manifests/1',
		'//elsewhere/v2/',
		'/v1/lolcow',
		'/v2lolcow/manifests/1',
		'/',
		'',
		'*',
		`/v2/${'a/'.repeat(3000)}manifests/1`,
	])
		assert.equal(verdict('GET', target), 400, target);
});

test('names, digests, tags and upload numbers have their form', () => {
	const own = '/v2/learner-7f3a9c';
	for (const target of [
		`${own}/X/manifests/1`,
		`${own}/x-/manifests/1`,
		`${own}/-x/manifests/1`,
		`${own}/_uploads/manifests/1`,
		`${own}/x/_layers/blobs/${digest}`,
		`${own}/x/manifests/${'t'.repeat(129)}`,
		`${own}/x/manifests/sha256:abc`,
		`${own}/x/manifests/md5:${'a'.repeat(32)}`,
		`${own}/x/manifests/.hidden`,
		`${own}/x/blobs/latest`,
		`${own}/x/blobs/sha256:${'A'.repeat(64)}`,
		`${own}/x/blobs/uploads/not-a-number`,
		`${own}/x/unknown/1`,
		`${own}/${'x'.repeat(200)}/manifests/1`,
		'/v2/debug/vars',
		'/v2/_catalog/x',
	])
		assert.equal(verdict('GET', target), 404, target);
});

test('a name that contains the words of a path is one name', () => {
	const path = '/v2/learner-7f3a9c/manifests/blobs/manifests/1';
	assert.equal(verdict('GET', path), path);
	assert.equal(verdict('GET', '/v2/learner-000000/x/manifests/learner-7f3a9c/manifests/1'), 404);
});
