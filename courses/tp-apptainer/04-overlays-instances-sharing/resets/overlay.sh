#!/bin/bash
rm -rf notes.img
