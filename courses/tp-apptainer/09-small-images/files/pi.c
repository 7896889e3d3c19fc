#include <stdio.h>
#include <stdlib.h>

/* Pi by the series of Leibniz: pi TERMS */
int main(int argc, char **argv) {
    long terms = argc > 1 ? atol(argv[1]) : 1000000;
    double sum = 0;
    for (long i = 0; i < terms; i++) sum += (i % 2 ? -1.0 : 1.0) / (2 * i + 1);
    printf("%.6f\n", 4 * sum);
    return 0;
}
