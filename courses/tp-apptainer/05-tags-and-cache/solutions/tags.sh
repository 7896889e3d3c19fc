#!/bin/bash
curl -s localhost:5000/v2/lolcow/tags/list | jq -r '.tags[]' > tags.txt
cat tags.txt
