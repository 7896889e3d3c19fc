/**
 * What the sandboxes' filter of system calls costs for each call, beside Docker's own: by hand, as root or a user of Docker, with a C compiler,
 * `node sandbox-server/tools/benchmarks/filter-cost.ts [ROUNDS]`. A program calls the kernel millions of times in a container with our filter, with
 * Docker's and with none, in turns. Prints for each call the medians in ns, and ours divided by Docker's: median, least and greatest of the rounds.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seccompProfile } from '../../runtimes/seccomp.ts';
import { percentile } from './statistics.ts';

/** Two calls that each filter allows whatever is asked, and one whose arguments ours compares. */
const calls = {
	getppid: 'syscall(SYS_getppid)',
	'read of one byte': 'read(zero, &byte, 1)',
	'prlimit of oneself': 'syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit)',
};
const times = 100_000;
const turns = 25;

/** For each call the least of its turns, of processor time: whatever else the machine does counts little. ns, a line each. */
const program = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec * 1e9 + t.tv_nsec; }
#define MEASURE(call) do { double least = 1e18; for (int turn = 0; turn < ${turns}; turn++) { \\
	double begun = now(); for (int i = 0; i < ${times}; i++) call; double took = now() - begun; if (took < least) least = took; } \\
	printf("%f\\n", least / ${times}); } while (0)
int main(void) {
	int zero = open("/dev/zero", O_RDONLY); char byte; struct rlimit limit;
	${Object.values(calls)
		.map((call) => `MEASURE(${call});`)
		.join(' ')}
	return 0;
}
`;

const image = 'etabli-filter-cost';
const folder = mkdtempSync(join(tmpdir(), 'etabli-filter-'));
try {
	writeFileSync(join(folder, 'measure.c'), program);
	writeFileSync(join(folder, 'ours.json'), JSON.stringify(seccompProfile(process.arch)));
	execFileSync('cc', ['-O2', '-static', '-w', '-o', 'measure', 'measure.c'], { cwd: folder, stdio: 'inherit' });
	execFileSync('docker', ['import', '-', image], { input: execFileSync('tar', ['-c', 'measure'], { cwd: folder }) });
	const filters = { ours: join(folder, 'ours.json'), Docker: undefined, none: 'unconfined' };
	const found = { ours: [] as number[][], Docker: [] as number[][], none: [] as number[][] };
	const names = Object.keys(filters) as (keyof typeof filters)[];
	for (let round = 0; round < Number(process.argv[2] ?? 20); round++) {
		// Whoever comes first is another one each time.
		for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)]) {
			const filter = filters[name] === undefined ? [] : ['--security-opt', `seccomp=${filters[name]}`];
			const rights = ['--network', 'none', '--user', '1000:1000', '--security-opt', 'no-new-privileges'];
			const args = ['run', '--rm', ...rights, ...filter, image, '/measure'];
			found[name].push(execFileSync('docker', args, { encoding: 'utf8' }).trim().split('\n').map(Number));
		}
	}
	for (const [index, call] of Object.keys(calls).entries()) {
		const of = (name: keyof typeof found): number[] => found[name].map((line) => line[index] ?? Number.NaN);
		const ratios = of('ours').map((ns, round) => ns / (of('Docker')[round] ?? Number.NaN));
		const ns = names.map((name) => `${name} ${percentile(of(name), 50).toFixed(1)}`).join(', ');
		console.log(
			`${call}: ${ns} ns; ours ${percentile(ratios, 50).toFixed(3)} × Docker’s (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`,
		);
	}
	execFileSync('docker', ['rmi', image], { stdio: 'ignore' });
} finally {
	rmSync(folder, { recursive: true, force: true });
}
