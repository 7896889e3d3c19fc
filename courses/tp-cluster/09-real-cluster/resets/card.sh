#!/bin/sh
rm -f card.txt
