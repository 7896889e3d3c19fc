#!/bin/bash
(apptainer exec lolcow.sif sleep 5 &); until pgrep -fx '/bin/sleep 5' > /dev/null; do sleep 0.2; done; ps -eo rss,args | grep -E 'runtime parent|squashfuse|[s]leep 5' | grep -v grep > memory.txt
cat memory.txt
