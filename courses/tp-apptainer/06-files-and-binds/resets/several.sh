#!/bin/sh
rm -f out/*
