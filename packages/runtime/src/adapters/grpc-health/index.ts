export { type GrpcHealthOptions, type GrpcHealthServer, serveGrpcHealth } from './serve-grpc-health.ts';
