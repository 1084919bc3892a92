// Package cdi names the Containerized Data Importer's API types, from which controller-gen writes their CRDs.
package cdi

import _ "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
