/** What the strip of a learner's cluster says, loaded with it. In French; cluster-en.ts has the same keys. States are called as Slurm calls them, too. */

export const clusterFr = {
	title: 'Cluster',
	list: 'Nœuds et travaux du cluster',
	nodes: 'Nœuds',
	node: 'Nœud',
	state: 'État',
	note: 'Remarque',
	jobs: 'File d’attente',
	number: 'Numéro',
	name: 'Nom',
	where: 'Nœuds, ou raison',
	noJobs: 'La file est vide.',
	empty: 'file vide',
	running: '{n} en cours',
	waiting: '{n} en attente',
	more: 'Et {n} de plus : squeue les montre tous.',
	ended: 'Terminés en dernier',
	slurmdEnded: 'slurmd arrêté',
	slurmdStopped: 'slurmd suspendu',

	// said to who listens instead of looking
	nodeNow: 'Nœud {node} : {state}.',
	jobNow: 'Travail {id}, {name} : {state}.',
	jobOn: 'Travail {id}, {name} : {state}, {nodes}.',
	queueNow: 'File d’attente : {running} en cours, {waiting} en attente.',
	back: 'Le cluster répond de nouveau.',

	// what cannot be read, and what to do
	controllerEnded: 'slurmctld est arrêté : plus rien n’est planifié. Tapez cluster restart dans le terminal 1.',
	controllerStopped: 'slurmctld est suspendu : il ne répond pas. Tapez cluster restart dans le terminal 1.',
	controllerSilent: 'slurmctld ne répond pas. Tapez cluster restart dans le terminal 1.',
	settingsChanged: 'Réparez slurm.conf, qui a été modifié, ou tapez cluster restore : il remet les réglages du début, et garde les vôtres.',
	unknown: 'L’état du cluster est illisible. Tapez cluster status dans le terminal 1.',

	// states
	node_idle: 'libre',
	node_allocated: 'occupé',
	node_mixed: 'occupé en partie',
	node_completing: 'finit un travail',
	node_drained: 'hors service',
	node_draining: 'bientôt hors service',
	node_down: 'en panne',
	node_unknown: 'inconnu',
	node_maint: 'en maintenance',
	job_PENDING: 'en attente',
	job_RUNNING: 'en cours',
	job_SUSPENDED: 'suspendu',
	job_COMPLETING: 'se termine',
	job_CONFIGURING: 'se prépare',
	job_COMPLETED: 'terminé',
	job_CANCELLED: 'annulé',
	job_FAILED: 'échoué',
	job_TIMEOUT: 'délai dépassé',
	job_NODE_FAIL: 'nœud perdu',
	job_OUT_OF_MEMORY: 'mémoire épuisée',
	job_gone: 'sorti de la file',
};

export type ClusterStrings = Record<keyof typeof clusterFr, string>;
