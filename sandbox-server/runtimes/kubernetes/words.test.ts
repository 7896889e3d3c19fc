import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedText, eventText, hopelessText, refusalText, unschedulableText, type Wanted } from './words.ts';

const wanted: Wanted = { namespace: 'etabli', image: 'registry.example.org/course:1', memory: 2 ** 28, cpu: 0.1 };

test('what the scheduler says of nodes is said in plain words, each of its reasons', () => {
	const said = (text: string) => unschedulableText(text, wanted);
	assert.equal(
		said(
			'0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
		),
		'none of the 1 nodes takes it: 1 node has no 0.25 GiB of memory left',
	);
	assert.equal(
		said(
			"0/7 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient memory, 1 Insufficient etabli/fuse, 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/7 nodes are available: 7 Preemption is not helpful for scheduling.",
		),
		'none of the 7 nodes takes it: 1 node is kept for others (taint node-role.kubernetes.io/control-plane); 1 node is kept for others (taints); 1 node is being emptied (kubectl cordon); 2 nodes have no 0.25 GiB of memory left; 1 node offers no /dev/fuse (is the node agent well there?); 1 node is not among those for sandboxes (nodeSelector)',
	);
	assert.equal(
		said('0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: not helpful.'),
		'none of the 2 nodes takes it: 2 nodes do not answer',
	);
	assert.equal(said('no nodes available to schedule pods'), 'the cluster has no node that could take a sandbox');
	assert.equal(said('something new'), 'no node takes it: something new');
});

test('a pod that waits for what will not come is told from one that only waits', () => {
	const said = (reason: string, text = '') => hopelessText({ kind: 'waiting', reason, text }, wanted);
	assert.equal(said('ErrImagePull', 'not found'), 'the node cannot have the image registry.example.org/course:1: not found');
	assert.equal(said('Unschedulable', '0/1 nodes'), undefined);
	assert.equal(said(''), undefined);
	assert.equal(hopelessText({ kind: 'running' }, wanted), undefined);
	assert.equal(
		hopelessText({ kind: 'ended', reason: 'OOMKilled', text: 'exit code 137' }, wanted),
		'it ran out of its memory: exit code 137',
	);
	assert.equal(endedText('Error', 'exit code 3'), 'it ended at once: exit code 3');
	assert.equal(endedText('Odd', ''), 'it ended at once (Odd)');
});

test('what the API server says no with is told with what to do', () => {
	const said = (status: number, text: string) => refusalText(status, text, wanted);
	assert.equal(
		said(
			403,
			'pods "x" is forbidden: exceeded quota: class, requested: requests.memory=256Mi, used: requests.memory=1Gi, limited: requests.memory=1Gi',
		),
		'the quota "class" of the namespace etabli is used up (asked for: requests.memory=256Mi; allowed in all: requests.memory=1Gi): raise it, or lower --max-sandboxes',
	);
	assert.match(
		said(403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest": procMount (container "sandbox" must not set procMount)'),
		/^the namespace etabli does not admit it \(Pod Security "restricted:latest": procMount/,
	);
	assert.match(said(403, 'pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found'), /no RuntimeClass "gvisor"/);
	assert.match(said(404, 'namespaces "etabli" not found'), /kubectl create namespace etabli/);
	assert.match(
		said(
			403,
			'pods is forbidden: User "system:serviceaccount:a:b" cannot create resource "pods" in API group "" in the namespace "etabli"',
		),
		/may not make pods/,
	);
	assert.equal(
		said(403, 'admission webhook "policy.example.org" denied the request: images must be signed'),
		'a rule of the cluster does not admit it (policy.example.org: images must be signed)',
	);
});

test('events say why a pod does not get on', () => {
	assert.match(
		eventText('FailedMount', 'MountVolume.SetUp failed: driver name node-agent.etabli not found in the list of registered CSI drivers') ??
			'',
		/no node agent/,
	);
	assert.match(eventText('FailedCreatePodSandBox', 'cni: no') ?? '', /cannot prepare it: cni: no/);
	assert.equal(eventText('Scheduled', 'x'), undefined);
});
