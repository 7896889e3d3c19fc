import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey } from './address-key.ts';

test('one machine is one key, however it writes its address and whichever of its IPv6 addresses it takes', () => {
	assert.equal(addressKey('192.0.2.7'), '192.0.2.7');
	assert.equal(addressKey('::ffff:192.0.2.7'), '192.0.2.7');
	assert.equal(addressKey('2001:db8:1:2:aaaa::1'), '2001:db8:1:2::/64');
	assert.equal(addressKey('2001:0DB8:1:2:ffff:ffff:ffff:ffff'), '2001:db8:1:2::/64');
	assert.equal(addressKey('2001:db8::1'), '2001:db8:0:0::/64');
	assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
	assert.equal(addressKey('::1'), '0:0:0:0::/64');
	assert.notEqual(addressKey('2001:db8:1:3::1'), addressKey('2001:db8:1:2::1'));
});
