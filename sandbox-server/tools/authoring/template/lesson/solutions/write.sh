#!/bin/bash
# "Do it for me" types these commands into the learner's terminal; comments are left out. They must do no harm when typed twice.
echo 'bonjour' > hello.txt
cat hello.txt
