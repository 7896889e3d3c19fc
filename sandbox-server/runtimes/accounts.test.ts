import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsWith } from './accounts.ts';

test('the learner keeps the name and gets the number; everybody else is as in the image', () => {
	const image = {
		passwd: 'root:x:0:0:root:/root:/bin/bash\nlearner:x:1000:1000:Ada:/home/learner:/bin/zsh\nnobody:x:65534:65534::/:/bin/false\n',
		group: 'root:x:0:\nlearner:x:1000:\nlearners:x:1001:learner\n',
	};
	assert.deepEqual(accountsWith(image, 70_001), {
		passwd: 'root:x:0:0:root:/root:/bin/bash\nlearner:x:70001:70001:Ada:/home/learner:/bin/zsh\nnobody:x:65534:65534::/:/bin/false\n',
		group: 'root:x:0:\nlearner:x:70001:\nlearners:x:1001:learner\n',
	});
});

test('an image that knows no learner, or nobody at all, gets one', () => {
	assert.deepEqual(accountsWith({ passwd: 'root:x:0:0:root:/root:/bin/bash', group: '' }, 70_001), {
		passwd: 'root:x:0:0:root:/root:/bin/bash\nlearner:x:70001:70001::/home/learner:/bin/bash\n',
		group: 'learner:x:70001:\n',
	});
});
