#include <stddef.h>
#include <cblas.h>

/* LAPACK's eigenvalues and eigenvectors of a symmetric matrix by divide and conquer. OpenBLAS has it under its Fortran
   name, and Debian's package no header for it; the last two are the lengths of the texts. */
void dsyevd_(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda, double *w,
             double *work, const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info,
             size_t jobz_length, size_t uplo_length);
