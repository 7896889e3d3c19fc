srun --nodelist=c1 sh -c 'echo "left by $(hostname)" | tee /tmp/note > note.txt'
srun --nodelist=c2 sh -c 'cat note.txt; cat /tmp/note 2>/dev/null || echo "no note on $(hostname)"' > places.txt
srun --nodelist=c1 rm /tmp/note
cat places.txt
