#!/bin/sh
rm -f team.img mine.img
