import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneOffset } from './time-zone.ts';

test('a zone as POSIX writes it: east is less, half hours, summer time, unknown names', () => {
	const winter = new Date('2026-01-15T12:00:00Z');
	const summer = new Date('2026-07-15T12:00:00Z');
	assert.equal(zoneOffset('Europe/Paris', winter), '<+0100>-1:00');
	assert.equal(zoneOffset('Europe/Paris', summer), '<+0200>-2:00');
	assert.equal(zoneOffset('Asia/Kolkata', winter), '<+0530>-5:30');
	assert.equal(zoneOffset('America/St_Johns', winter), '<-0330>3:30');
	assert.equal(zoneOffset('UTC', winter), '<+0000>-0:00');
	assert.equal(zoneOffset('Nowhere/At_All', winter), '<+0000>-0:00');
});
