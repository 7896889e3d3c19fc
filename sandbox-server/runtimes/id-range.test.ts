import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultUids } from '../options.ts';
import { clashOf, isMapped, mapsUsers, parseIdRange, whySharedId } from './id-range.ts';

test('a range is two numbers below 31 bits and above those of people, the smaller first', () => {
	assert.deepEqual(parseIdRange('70000-79999'), { first: 70_000, last: 79_999 });
	assert.deepEqual(parseIdRange(defaultUids), { first: 2_100_000_000, last: 2_100_065_535 });
	for (const wrong of ['', '70000', '70000-', '9-8', '1000-2000', '0-5', '70000-2147483647', '-1-5', '7e4-8e4', '70000 - 70001'])
		assert.equal(parseIdRange(wrong), undefined, wrong);
});

test('who has a number of the range already is named: people, groups, ranges of subordinate numbers', () => {
	const range = { first: 70_000, last: 79_999 };
	const clash = (path: string, text: string) => clashOf(range, (asked) => (asked === path ? text : ''));
	assert.equal(clash('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nada:x:70003:100::/:\n'), '/etc/passwd gives 70003 to ada');
	assert.equal(clash('/etc/group', 'staff:x:79999:\n'), '/etc/group gives 79999 to staff');
	assert.equal(clash('/etc/subuid', 'ada:65536:65536\n'), '/etc/subuid gives 65536-131071 to ada');
	assert.equal(clash('/etc/subgid', 'ada:10000:65536\n'), '/etc/subgid gives 10000-75535 to ada');
	for (const [path, text] of [
		['/etc/passwd', 'ada:x:69999:70003::/:\nemmy:x:80000:1::/:\n+::::::\n'],
		['/etc/subuid', 'ada:60000:10000\nemmy:80000:5\n\n'],
	] as const)
		assert.equal(clash(path, text), undefined, text);
});

test('numbers that a container in which the server runs does not have are not given away', () => {
	assert.ok(isMapped({ first: 2_100_000_000, last: 2_100_065_535 }, '         0          0 4294967295\n'));
	assert.ok(!isMapped({ first: 2_100_000_000, last: 2_100_065_535 }, '         0     100000      65536\n'));
	assert.ok(isMapped({ first: 60_000, last: 65_535 }, '0 100000 1000\n1000 1000 1\n1001 101001 64535\n'));
	assert.ok(!isMapped({ first: 60_000, last: 65_536 }, '0 100000 1000\n1000 1000 1\n1001 101001 64535\n'));
});

test('engines say when numbers are not what is asked', () => {
	assert.ok(mapsUsers(['name=seccomp,profile=default', 'name=rootless']));
	assert.ok(mapsUsers(['name=userns']));
	assert.ok(!mapsUsers(['name=apparmor', 'name=seccomp,profile=default', 'name=cgroupns']));
	assert.ok(!mapsUsers(null));
});

test('where numbers of their own cannot be had, the reason is said', () => {
	const range = { first: 2_100_000_000, last: 2_100_065_535 };
	assert.match(whySharedId({ range, local: false, mapsUsers: false }) ?? '', /on another machine/);
	assert.match(whySharedId({ range, local: true, mapsUsers: true }) ?? '', /rootless/);
});
