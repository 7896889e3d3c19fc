import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth } from '../../tests/fixtures/growth.ts';
import { bashFault, isPlain } from './shell-syntax.ts';

const plain = [
	'',
	'ls',
	'  apt-get install -y nano',
	'kubectl get pods -n kube-system --sort-by=.metadata.name',
	'grep -E \'a (b|c) "d"\' file.txt > out 2>&1',
	'echo "your ${NAME} and $HOME" | tee -a log.txt && cat < log.txt || true;',
	'sleep 10 &',
	'done.sh; in-place x',
	'VAR=1 A="b c" make',
	'ls *.txt a?',
	'cd x # and so on',
	'# a remark',
	'echo "$(date)" $(ls -l | wc -l) && [ -e x ] && [ "$A" != b ]',
	"kubectl apply -f - <<'EOF' | tee log\nit's: $(\nEOF\nls",
	'cat > a.yaml <<EOF\na: "b\nEOF',
];
test('plain commands are seen to be so without a process', () => {
	for (const line of plain) {
		assert.ok(isPlain(line), line);
		assert.equal(bashFault(line), undefined);
	}
});

test('what is not plain is asked of bash', () => {
	const good = ['for i in 1 2; do echo $i; done', 'echo $(date; ls)', 'cat <<EOF\n$(date)\nEOF', 'f() { ls; }', "echo 'a\nb'", 'a \\\n b'];
	for (const text of good) {
		assert.ok(!isPlain(text), text);
		assert.equal(bashFault(text), undefined, text);
	}
	const bad = [
		'echo "x',
		"echo 'x",
		'if true',
		'for x',
		'done',
		'ls |',
		'ls && ',
		'; ls',
		'ls ;; ls',
		'ls | | wc',
		'echo $(',
		'( ls',
		'ls )',
		'do x',
		'cat <',
		'ls > > x',
		'fi',
		'case x',
		'echo `x',
		'& x',
		'a | && b',
	];
	for (const text of bad) {
		assert.ok(!isPlain(text), text);
		assert.ok(bashFault(text), text);
	}
});

test('what is taken for plain, bash understands: 3000 lines made of signs and words of its grammar', () => {
	let seed = 7;
	const random = (below: number) => {
		seed = (seed * 1103515245 + 12345) % 2147483648;
		return Math.floor((seed / 2147483648) * below);
	};
	const parts = [
		'ls',
		'if',
		'in',
		'then',
		'time',
		'!',
		'{',
		'}',
		'[[',
		']]',
		'a=1',
		'$x',
		'${y}',
		"'q'",
		'"d $x"',
		'|',
		'||',
		'&&',
		';',
		'&',
		'>',
		'2>',
		'<',
		'2>&1',
		'(',
		')',
		'#',
		'*',
		'\\',
		'`',
		' ',
		'"',
		"'",
	];
	const lines: string[] = [];
	for (let n = 0; n < 3000; n++) {
		const line = Array.from({ length: 1 + random(7) }, () => parts[random(parts.length)]).join(random(3) ? ' ' : '');
		if (isPlain(line)) lines.push(line);
	}
	assert.ok(lines.length > 100, `${lines.length} lines were plain`);
	// One process for all of them: each is understood when all of them together are.
	assert.equal(bashFault(`: "$(:)"\n${lines.join('\n')}`), undefined);
});

test('a line made to be slow is not: the work grows with its length, not with the ways of reading it', () => {
	const lines: ((n: number) => string)[] = [
		(n) => 'a '.repeat(n),
		(n) => "'a'".repeat(n),
		(n) => `${'a'.repeat(n)}(`,
		(n) => 'a|'.repeat(n),
		(n) => `${'$a'.repeat(n)}(`,
		(n) => `${'$(a b) '.repeat(n)}(`,
		(n) => `[ ${'a '.repeat(n)}`,
	];
	// 16 n is within the longest line that is looked at.
	for (const line of lines) {
		const grows = growth((n) => void isPlain(line(n)), 3);
		assert.ok(grows < 16, `${line(2)} … ${grows}`);
	}
});
