import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeInLab } from './lab-links.ts';

test('addresses of the lab’s own machine are not the learner’s', () => {
	const inside: [string, number, string][] = [
		['http://localhost:8888/?token=1#a', 8888, '/?token=1#a'],
		['https://127.0.0.1/', 443, '/'],
		['http://127.1.2.3:80', 80, '/'],
		['http://0.0.0.0:8000/é b', 8000, '/%C3%A9%20b'],
		['http://[::1]:5000', 5000, '/'],
		['http://[::]:80/', 80, '/'],
		['http://etabli:8888/lab', 8888, '/lab'],
		['http://app.localhost/', 80, '/'],
		['http://localhost:1//example.org/x', 1, '/example.org/x'],
	];
	for (const [address, port, path] of inside) assert.deepEqual(placeInLab(address), { port, path }, address);
	for (const address of [
		'https://apptainer.org/docs',
		'http://localhost.example.org',
		'http://10.0.0.1',
		'nonsense',
		'ftp://localhost/',
		'http://1270.0.0.1.org',
	])
		assert.equal(placeInLab(address), undefined, address);
});
