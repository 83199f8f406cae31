package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/net/dns/dnsmessage"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// dnsTTL is in seconds: short, because tests replace Services all the time.
const dnsTTL = 1

// newDNSCommand answers what the pods ask about Services, by the Kubernetes DNS specification: A records over UDP for
// SERVICE.NAMESPACE.svc.cluster.local, and for headless Services also POD-HOSTNAME.SERVICE.…. All else does not exist.
func newDNSCommand() *cobra.Command {
	var kubeconfig, listen string
	command := &cobra.Command{Use: "cluster-dns", RunE: func(*cobra.Command, []string) error {
		config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
		if err != nil {
			return err
		}
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
		defer stop()
		factory := informers.NewSharedInformerFactory(client, 0)
		names := serviceNames{factory.Core().V1().Services().Lister(), factory.Discovery().V1().EndpointSlices().Lister()}
		factory.Start(ctx.Done())
		factory.WaitForCacheSync(ctx.Done())
		socket, err := net.ListenPacket("udp4", listen)
		if err != nil {
			return err
		}
		fmt.Println("answering at", listen)
		go func() { <-ctx.Done(); socket.Close() }()
		return names.serve(socket)
	}}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "file with the address and the credentials of the cluster")
	command.Flags().StringVar(&listen, "listen", "127.0.0.1:53", "address to answer at")
	return command
}

type serviceNames struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

func (names serviceNames) serve(socket net.PacketConn) error {
	buffer := make([]byte, 4096)
	for {
		length, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return err
		}
		var query dnsmessage.Message
		// Each pod sends one question at a time; what cannot be read gets no answer.
		if query.Unpack(buffer[:length]) != nil || len(query.Questions) != 1 {
			continue
		}
		answer, err := names.answer(query).Pack()
		if err == nil {
			socket.WriteTo(answer, from)
		}
	}
}

func (names serviceNames) answer(query dnsmessage.Message) *dnsmessage.Message {
	question := query.Questions[0]
	answer := &dnsmessage.Message{Header: dnsmessage.Header{
		ID: query.ID, Response: true, Authoritative: true, RecursionDesired: query.RecursionDesired, RecursionAvailable: true,
	}, Questions: query.Questions}
	addresses := names.find(strings.ToLower(question.Name.String()))
	if len(addresses) == 0 {
		answer.RCode = dnsmessage.RCodeNameError
	}
	for _, address := range addresses {
		ip := net.ParseIP(address).To4()
		if question.Type != dnsmessage.TypeA || ip == nil {
			continue
		}
		header := dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: dnsTTL}
		answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(ip)}})
	}
	return answer
}

func (names serviceNames) find(name string) []string {
	inside, isOurs := strings.CutSuffix(name, ".svc.cluster.local.")
	labelsOfName := strings.Split(inside, ".")
	if !isOurs || len(labelsOfName) < 2 || len(labelsOfName) > 3 {
		return nil
	}
	hostname := ""
	if len(labelsOfName) == 3 {
		hostname, labelsOfName = labelsOfName[0], labelsOfName[1:]
	}
	service, err := names.services.Services(labelsOfName[1]).Get(labelsOfName[0])
	if err != nil {
		return nil
	}
	if hostname == "" && service.Spec.ClusterIP != corev1.ClusterIPNone {
		return []string{service.Spec.ClusterIP}
	}
	ofService := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name})
	slices, err := names.slices.EndpointSlices(service.Namespace).List(ofService)
	if err != nil {
		return nil
	}
	var addresses []string
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			isNamed := hostname == "" || (endpoint.Hostname != nil && *endpoint.Hostname == hostname)
			if isNamed && (endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready) {
				addresses = append(addresses, endpoint.Addresses...)
			}
		}
	}
	return addresses
}
